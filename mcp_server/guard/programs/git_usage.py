"""The options of git's commands, as `git COMMAND -h` lists them."""

from collections.abc import Mapping
from typing import Final, NamedTuple

# LETTER,LONG or one of them; `=` takes a value, which may be the next word; `?` takes one only in the same word.
_USAGE: Final = """
push: v,verbose q,quiet repo= all mirror d,delete tags n,dry-run porcelain f,force force-with-lease?
 force-if-includes recurse-submodules= thin receive-pack= exec= u,set-upstream progress prune no-verify follow-tags
 signed? atomic o,push-option= 4,ipv4 6,ipv6 branches
send-pack: v,verbose q,quiet receive-pack= exec= remote= all n,dry-run mirror f,force signed? push-option= progress
 thin atomic stateless-rpc stdin helper-status force-with-lease? force-if-includes
fetch: v,verbose q,quiet all set-upstream a,append atomic upload-pack= f,force m,multiple t,tags n j,jobs= prefetch
 p,prune P,prune-tags recurse-submodules? dry-run write-fetch-head k,keep u,update-head-ok progress depth=
 shallow-since= shallow-exclude= deepen= unshallow refetch update-shallow refmap= o,server-option= 4,ipv4 6,ipv6
 negotiation-tip= negotiate-only filter= auto-maintenance auto-gc show-forced-updates write-commit-graph stdin
 porcelain
pull: v,verbose q,quiet progress recurse-submodules? r,rebase? n stat log? signoff? squash commit edit cleanup= ff
 ff-only verify verify-signatures autostash s,strategy= X,strategy-option= S,gpg-sign? allow-unrelated-histories all
 a,append upload-pack= f,force t,tags p,prune j,jobs? dry-run k,keep depth= shallow-since= shallow-exclude= deepen=
 unshallow update-shallow refmap= o,server-option= 4,ipv4 6,ipv6 negotiation-tip= show-forced-updates set-upstream
branch: v,verbose q,quiet t,track? u,set-upstream-to= unset-upstream color? r,remotes contains= no-contains= abbrev?
 a,all d,delete D m,move M c,copy C l,list show-current create-reflog edit-description f,force merged= no-merged=
 column? sort= points-at= i,ignore-case recurse-submodules format=
checkout: b= B= l guess overlay q,quiet recurse-submodules? progress m,merge conflict= d,detach t,track? f,force
 orphan= overwrite-ignore ignore-other-worktrees 2,ours 3,theirs p,patch ignore-skip-worktree-bits
 pathspec-from-file= pathspec-file-nul
switch: c,create= C,force-create= guess discard-changes q,quiet recurse-submodules? progress m,merge conflict=
 d,detach t,track? f,force orphan= overwrite-ignore ignore-other-worktrees
commit: q,quiet v,verbose F,file= author= date= m,message= c,reedit-message= C,reuse-message= fixup= squash=
 reset-author trailer= s,signoff t,template= e,edit cleanup= status S,gpg-sign? a,all i,include interactive p,patch
 o,only n,no-verify dry-run short branch ahead-behind porcelain long z,null amend no-post-rewrite u,untracked-files?
 pathspec-from-file= pathspec-file-nul
merge: n stat summary log? squash commit e,edit cleanup= ff ff-only rerere-autoupdate verify-signatures s,strategy=
 X,strategy-option= m,message= F,file= into-name= v,verbose q,quiet abort quit continue allow-unrelated-histories
 progress S,gpg-sign? autostash overwrite-ignore signoff no-verify compact-summary
rebase: onto= keep-base no-verify q,quiet v,verbose n,no-stat signoff committer-date-is-author-date reset-author-date
 C= ignore-whitespace whitespace= f,force-rebase no-ff continue skip abort quit edit-todo show-current-patch apply
 m,merge i,interactive rerere-autoupdate empty= autosquash update-refs S,gpg-sign? autostash x,exec= r,rebase-merges?
 fork-point s,strategy= X,strategy-option= root reschedule-failed-exec reapply-cherry-picks
reset: q,quiet no-refresh mixed soft hard merge keep recurse-submodules? p,patch N,intent-to-add pathspec-from-file=
 pathspec-file-nul
cherry-pick: quit continue abort skip cleanup= n,no-commit e,edit s,signoff m,mainline= rerere-autoupdate strategy=
 X,strategy-option= S,gpg-sign? x ff allow-empty allow-empty-message keep-redundant-commits
revert: quit continue abort skip cleanup= n,no-commit e,edit s,signoff m,mainline= rerere-autoupdate strategy=
 X,strategy-option= S,gpg-sign? reference
am: i,interactive 3,3way q,quiet s,signoff u,utf8 k,keep keep-non-patch m,message-id keep-cr no-keep-cr c,scissors
 quoted-cr= whitespace= ignore-space-change ignore-whitespace directory= exclude= include= C= p= patch-format= reject
 resolvemsg continue r,resolved skip abort quit show-current-patch? allow-empty committer-date-is-author-date
 ignore-date rerere-autoupdate S,gpg-sign? empty=
update-ref: m= d no-deref z stdin create-reflog batch-updates
symbolic-ref: q,quiet d,delete short recurse m=
clone: v,verbose q,quiet progress reject-shallow n,no-checkout bare mirror l,local no-hardlinks s,shared
 recurse-submodules? recursive? j,jobs= template= reference= reference-if-able= dissociate o,origin= b,branch=
 u,upload-pack= depth= shallow-since= shallow-exclude= single-branch no-tags shallow-submodules separate-git-dir=
 c,config= server-option= 4,ipv4 6,ipv6 filter= also-filter-submodules remote-submodules sparse bundle-uri=
 ref-format= revision= tags
init: template= bare shared? q,quiet separate-git-dir= b,initial-branch= object-format= ref-format=
config: global system local worktree f,file= blob= get get-all get-regexp get-urlmatch replace-all add unset
 unset-all rename-section remove-section l,list fixed-value e,edit get-color get-colorbool t,type= bool int
 bool-or-int bool-or-str path expiry-date z,null name-only includes show-origin show-scope default= value= url=
 comment= all regexp show-names append
worktree add: f,force b= B= d,detach checkout lock reason= q,quiet track guess-remote orphan relative-paths
remote add: f,fetch tags t,track= m,master= mirror?
add: n,dry-run v,verbose i,interactive p,patch e,edit f,force u,update renormalize N,intent-to-add A,all
 ignore-removal refresh ignore-errors ignore-missing sparse chmod= pathspec-from-file= pathspec-file-nul
tag: l,list n? d,delete v,verify a,annotate m,message= F,file= e,edit s,sign cleanup= u,local-user= f,force
 create-reflog column? contains= no-contains= merged= no-merged= sort= points-at= format= color? i,ignore-case
for-each-repo: config=
difftool: g,gui d,dir-diff y,no-prompt symlinks t,tool= tool-help trust-exit-code x,extcmd= no-index
subtree: q,quiet d,debug P,prefix= m,message= b,branch= onto= annotate= ignore-joins rejoin squash S,gpg-sign?
filter-branch: f,force d= setup= subdirectory-filter= env-filter= tree-filter= index-filter= parent-filter=
 msg-filter= commit-filter= tag-name-filter= original= state-branch= prune-empty remap-to-ancestor
http-push: all dry-run helper-status verbose force d,delete D
"""


class Usage(NamedTuple):
    """The options of one command."""

    letters: Mapping[str, str]
    "The name of the option for each letter: the long one, or the letter itself."
    takes: Mapping[str, str]
    "By name, whether the option takes a value: `=`, `?` or neither."


def _rows(table: str) -> dict[str, Usage]:
    rows = (row.split(": ", 1) for row in table.replace("\n ", " ").strip().splitlines())
    return {command: _usage(options.split()) for command, options in rows}


def _usage(options: list[str]) -> Usage:
    letters, takes = dict[str, str](), dict[str, str]()
    for option in options:
        name, kind = (option[:-1], option[-1]) if option[-1] in "=?" else (option, "")
        letter, _, long = name.partition(",")
        takes[long or letter] = kind
        if len(letter) == 1:
            letters[letter] = long or letter
    return Usage(letters, takes)


USAGES: Final[Mapping[str, Usage]] = _rows(_USAGE)
NO_USAGE: Final = Usage({}, {})
