#!/bin/sh
# ops guard: one file for three git hooks, distinguished by their name. `ops guard install` puts it here, `ops guard
# uninstall` removes it. The hook that was here before is `<name>.ops-kept`; it runs after this one.
set -uf
hook=${0##*/} here=${0%/*}
# `pre-commit install` renames the hook that it finds to `<name>.legacy`, and calls it.
hook=${hook%.legacy}
protected='main master' branches='' private='' previous='' role=''
# shellcheck disable=SC1091
[ ! -r "$here/../ops-guard.policy" ] || . "$here/../ops-guard.policy"

suggested=${branches%% *}

has_others() { [ -x "$here/$hook.ops-kept" ] || { [ -n "$previous" ] && [ -x "$previous/$hook" ]; }; }

# A fetch of 1,000 refs calls this 2,000 times: no program is started before it is known to matter.
seen='' branches_move='' tab='	' eol='
'
if [ "$hook" = reference-transaction ] && [ "$1" = prepared ]; then
    has_others && keep=1 || keep=''
    while read -r old new ref; do
        case $ref in
        refs/heads/* | HEAD) branches_move=1 ;;
        *) case " $protected " in *" ${ref#refs/remotes/origin/} "*) ;; *) [ -n "$keep" ] || continue ;; esac ;;
        esac
        seen="$seen$old $new $ref$eol"
    done
fi
[ "$hook" != reference-transaction ] || [ -n "$branches_move" ] || has_others || exit 0
seen=${seen%?}

# What a refusal shows of a name or path is plain ASCII: nothing in it acts on a terminal.
refuse() { # REASON WAY
    printf 'ops guard: %s\nNext: %s\n' "$1" "$2" | LC_ALL=C tr -c '\12\40-\176' '?' >&2
    exit 1
}

matches() { # NAME PATTERNS
    for pattern in $2; do
        # shellcheck disable=SC2254
        case $1 in $pattern) return 0 ;; esac
    done
    return 1
}

on_own_branch() { # BRANCH
    if matches "$1" "$protected"; then
        refuse "$1 is protected: nobody works on it directly" "git switch -c ${suggested:-NAME}, and bring the work along"
    fi
    [ -z "$branches" ] || matches "$1" "$branches" ||
        refuse "$1 is not a branch of the role $role" "use one of: $branches"
}

is_ancestor() { git merge-base --is-ancestor "$1" "$2" 2>/dev/null; }

# `git gc` removes the loose copy of a ref that it has packed; a deletion holds the lock of the packed refs.
is_packed() { [ ! -e "$here/../packed-refs.lock" ] && grep -qx "$1" "$here/../packed-refs" 2>/dev/null; }

moves() { # NEW BRANCH TRACKED: a protected branch only ever follows origin
    new=$1 ref=refs/heads/$2 tracked=$3
    old=$(git rev-parse --verify --quiet "$ref") || old=
    [ "$new" != "$old" ] || return 0
    case $new in *[!0]*) ;; *)
        is_packed "$old $ref" && return 0
        refuse "$2 is protected: it cannot be deleted or renamed" "git branch NAME $2 keeps its commits under a name"
        ;;
    esac
    [ -n "$tracked" ] || tracked=$(git rev-parse --verify --quiet "refs/remotes/origin/$2") || tracked=
    [ -n "$old$tracked" ] || return 0 # a repository's first commit, a first clone
    # The current state of origin takes precedence over the clone's copy of it. Offline there is no answer.
    theirs=$(GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND="${GIT_SSH_COMMAND:-ssh} -o BatchMode=yes -o ConnectTimeout=5" \
        git ls-remote origin "$ref" 2>/dev/null </dev/null | cut -f1)
    git cat-file -e "${theirs:-none}" 2>/dev/null || theirs=$tracked
    if [ -n "$theirs" ] && is_ancestor "$new" "$theirs"; then
        { [ -z "$old" ] || is_ancestor "$old" "$new"; } && return 0
        # Back to origin while another branch keeps the commits: nothing is lost.
        { [ "$new" = "$theirs" ] || [ "$new" = "$tracked" ]; } && git for-each-ref --contains "$old" --format='%(refname)' refs/heads |
            grep -qvx "$ref" && return 0
    fi
    refuse "$2 is protected: it only follows origin/$2, by fast-forward" \
        "git switch -c ${suggested:-NAME} keeps your work; git pull --ff-only follows origin"
}

reference_transaction() { # $seen: OLD NEW REF
    for branch in $protected; do
        case $seen in *" refs/heads/$branch"*) ;; *) continue ;; esac
        tracked=$(printf '%s\n' "$seen" | sed -n "s|^[0-9a-f]* \([0-9a-f]*\) refs/remotes/origin/$branch\$|\1|p")
        new=$(printf '%s\n' "$seen" | sed -n "s|^[0-9a-f]* \([0-9a-f]*\) refs/heads/$branch\$|\1|p" | tail -n 1)
        [ -z "$new" ] || moves "$new" "$branch" "$tracked"
    done
}

# The files of HEAD and of a message are read without a program; only with reftables git has to be asked.
git_folder() {
    folder=${GIT_DIR:-.git}
    [ -d "$folder" ] || read -r _ folder <"$folder"
}

branch_here() { # $branch; empty without one
    git_folder 2>/dev/null && read -r head <"$folder/HEAD" 2>/dev/null || head=''
    case $head in
    "ref: refs/heads/.invalid" | '') branch=$(git symbolic-ref --short --quiet HEAD) || branch='' ;;
    "ref: refs/heads/"*) branch=${head#ref: refs/heads/} ;;
    *) branch='' ;;
    esac
}

# Whether a short text may hold a secret: a word that announces one, or a long one with digits or letters of both cases.
# It finds too much, and costs nothing.
is_suspicious() { # TEXT
    word='' IFS=" $tab$eol\"'(),;<>\`"
    for word in $1; do
        case $word in
        *[Pp][Aa][Ss][Ss]* | *[Pp][Ww][Dd]* | *[Tt][Oo][Kk][Ee][Nn]* | *[Ss][Ee][Cc][Rr][Ee][Tt]* | *[Kk][Ee][Yy]*) break ;;
        *[Aa][Uu][Tt][Hh]* | *[Cc][Rr][Ee][Dd][Ee][Nn][Tt]* | *[_-][Pp][Aa][Tt]* | *[_-][Ss][Aa][Ll][Tt]*) break ;;
        *[Cc]onnection* | *CONNECTION* | *[Cc]ookie* | *COOKIE* | *[Bb]earer* | *BEARER* | *[Bb]asic* | *BASIC*) break ;;
        *[Mm]nemonic* | *MNEMONIC* | *[Pp]hrase* | *PHRASE* | *[Ii]dentified* | *IDENTIFIED*) break ;;
        -u* | -U* | --user* | --proxy-user* | -p* | -a | *://*@* | *[?\&]*=* | *:*:*:*:* | *jdbc:*) break ;;
        *[_-]hf_* | hf_* | [!a-z]hf_*) break ;;
        ?????????????*) case $word in *[0-9]* | *[a-z]*[A-Z]* | *[A-Z]*[a-z]*) break ;; esac ;;
        esac
        word=''
    done
    IFS=" $tab$eol"
    [ -n "$word" ]
}

private_file() { # PATH
    name=${1##*/}
    name=${name%\"}
    # What clients write in their config folders, wherever one was put in the clone.
    case /${1#\"} in
    */projects/*/*-*-*-*-*.jsonl | */subagents/agent-*.json* | */file-history/*-*-*-*-*/*@v[0-9]*) return 0 ;;
    */sessions/[0-9]*.*.key | */shell-snapshots/snapshot-*.sh | */sessions/*/rollout-*.jsonl) return 0 ;;
    /history.jsonl | */.claude/history.jsonl | */.codex/history.jsonl) return 0 ;;
    /sessions/[0-9]*.json | */.claude/sessions/[0-9]*.json | */.codex/auth.json | */.gemini/tmp/*/chats/*) return 0 ;;
    esac
    case $name in *.example | *.sample | *.template | *.dist) return 1 ;; esac
    matches "$name" "$private"
}

# What the index adds: the files by name, and the added lines. `--text` also shows what .gitattributes calls binary, and
# files with a NUL; the shell drops the NULs, which makes text of UTF-16. Most commits need no further program.
look_at_index() { # leaves $diff, or finishes
    { diff=$(git -c core.quotePath=true diff --cached --raw -p -U0 --text --no-renames --no-ext-diff --no-textconv \
        --no-color --no-relative); } 2>/dev/null ||
        refuse 'git cannot show what is staged, so it has not been checked' 'git diff --cached'
    lines=$diff added='' IFS=$eol
    [ ${#diff} -lt 8000 ] || lines=$(printf '%s\n' "$diff" | LC_ALL=C grep -a '^:')
    for line in $lines; do
        case $line in
        :*" D$tab"*) ;;
        :*)
            file=${line#*"$tab"}
            IFS=' '
            ! private_file "$file" ||
                refuse "$file holds logins, keys or what was said in a session, and is never committed" "git rm --cached '$file'"
            ;;
        +*) added=$added${line#+}$eol ;;
        esac
    done
    [ ${#diff} -ge 8000 ] || is_suspicious "$added" || finish
}

# The file of the message may be that of an earlier commit: it only tells whether to look at the new one.
is_message_suspicious() {
    text=''
    git_folder 2>/dev/null || return 1
    while [ ${#text} -lt 8000 ] && { IFS= read -r line || [ -n "$line" ]; }; do
        case $line in '#'*) ;; *) text=$text$line$eol ;; esac
    done 2>/dev/null <"$folder/COMMIT_EDITMSG"
    [ ${#text} -ge 8000 ] || is_suspicious "$text"
}

finish() { # the hooks that were here before
    IFS=" $tab$eol"
    case $0 in *.legacy) exit 0 ;; esac # the program that renamed it runs the other hooks
    for next in "$here/$hook.ops-kept" "${previous:+$previous/$hook}"; do
        [ -n "$next" ] && [ -x "$next" ] || continue
        if [ -n "$seen" ]; then
            printf '%s\n' "$seen" | "$next" "$@" || exit
        else
            "$next" "$@" || exit
        fi
    done
    exit 0
}

case $hook in
reference-transaction)
    [ -z "$branches_move" ] || reference_transaction
    case $seen in *' HEAD'*) is_message_suspicious || finish "$@" ;; *) finish "$@" ;; esac
    ;;
pre-commit)
    branch_here
    [ -z "$branch" ] || on_own_branch "$branch"
    look_at_index "$@"
    ;;
pre-push) seen=$(cat) ;;
*) finish "$@" ;; # a hook that is here only for those in the folder of `core.hooksPath`
esac

# From here on only what has to be examined with the whole detector. Rendered from mcp_server/kernel/secrets by
# `ops docs render`.
# secrets: begin
keys='sk-ant-[a-z]{2,10}[0-9]{2}-[A-Za-z0-9_-]{6,}|gh[pousr]_[A-Za-z0-9]{10,}|github_pat_[A-Za-z0-9_]{10,}|-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|b3BlbnNzaC1rZXktdjE[A-Za-z0-9_+/=]*|PuTTY-User-Key-File-[0-9]|AGE-SECRET-KEY-1[A-Za-z0-9]{10,}|(hooks[.]slack[.]com|hooks[.]slack-gov[.]com)/(services|workflows|triggers)/[A-Za-z0-9_/+-]{16,}|discord(app)?[.]com/api/(v[0-9]+/)?webhooks/[0-9]{8,}/[A-Za-z0-9_-]{16,}|webhook[.]office[.]com/webhookb2/[A-Za-z0-9_@/-]{30,}|hooks[.]zapier[.]com/hooks/catch/[0-9]+/[A-Za-z0-9_]+|api[.]telegram[.]org/(file/)?bot[0-9]{6,}:[A-Za-z0-9_-]{10,}|(AccountKey|SharedAccessKey|SharedAccessSignature|SharedSecretValue)=[A-Za-z0-9_+/=%.& -]{16,}|xkeysib-[0-9a-fA-F]{16,}|xsmtpsib-[0-9a-fA-F]{16,}|maker[.]ifttt[.]com/trigger/[A-Za-z0-9_-]{1,64}/(json/)?with/key/[A-Za-z0-9_-]{16,}|open[.](feishu[.]cn|larksuite[.]com)/open-apis/bot/v2/hook/[A-Za-z0-9_-]{16,}|outlook[.]office(365)?[.]com/webhook/[A-Za-z0-9_@/-]{30,}|hc-ping[.]com/[A-Za-z0-9_-]{30,}|incoming[+][A-Za-z0-9_.+-]{0,80}-[a-z0-9]{20,}-issue|([Mm]nemonic|MNEMONIC|[Ss]eed[_ -]?[Pp]hrase|SEED_PHRASE)["'"'"']?[ ]?[:=][ ]?["'"'"']?([a-z]{3,8} ){11,}[a-z]{3,8}|[A-Za-z0-9]{14}[.]atlasv1[.][A-Za-z0-9_=-]{10,}|(^-?|[^A-Za-z0-9_-]|[\][nrt]|[[][0-9;]{0,8}m)(eyJ[A-Za-z0-9_-]{10,}[.][A-Za-z0-9_-]{8,}[A-Za-z0-9_.-]*|sk-(proj|svcacct|admin|None|service|or-v[0-9]{1,3}|api|lf|litellm)-[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9_-]{48,}|sk-[A-Za-z0-9_-]{0,30}T3BlbkFJ[A-Za-z0-9]{4,}|sk-[A-Za-z0-9]{20,}|sess-[A-Za-z0-9]{40}|csk-[A-Za-z0-9]{20,}|(xai|gsk|pplx|nvapi|fw|tgp_v1|r8|hf|api_org|jina|voyage|pa|al|ak)[_-][A-Za-z0-9][A-Za-z0-9_-]{19,}|BSA[A-Za-z0-9_-]{24,}|lsv2_(pt|sk)_[0-9a-fA-F]{16,}|sk_[0-9a-fA-F]{40,}|[0-9a-fA-F]{32}[.][A-Za-z0-9]{16}|AIza[A-Za-z0-9_-]{20,}|ya29[.][A-Za-z0-9_-]{16,}|1//0[A-Za-z0-9_-]{20,}|4/0A[A-Za-z0-9_-]{30,}|GOCSPX-[A-Za-z0-9_-]{10,}|AQ[.]A[A-Za-z0-9_-]{30,}|(AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{10,16}|ABSK[A-Za-z0-9_+/=]{40,}|bedrock-api-key-[A-Za-z0-9_+/=]{20,}|amzn[.]mws[.][A-Za-z0-9_-]{20,}|[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{20,}|(LTAI|AKID)[A-Za-z0-9]{12,}|STS[.][A-Za-z0-9]{16,}|SWM(TKN|KEY)-1-[A-Za-z0-9+/-]{40,}|AstraCS:[A-Za-z0-9]{20,}[A-Za-z0-9_:]*|do[oprt]_v1_[0-9a-fA-F]{16,}|fo1_[A-Za-z0-9_-]{16,}|fm[12][abcdr]?_[A-Za-z0-9_+/=,-]{16,}|HRKU-[A-Za-z0-9_-]{16,}|(rnd|nfp|napi|vc[piakr]|sbp|pul|cfut|cfat|cfk|rwsk|koyeb)[_-][A-Za-z0-9][A-Za-z0-9_-]{15,}|v1[.]0-[0-9a-f]{24}-[0-9a-f]{16,}|sb_secret_[A-Za-z0-9_-]{16,}|pscale_(tkn|pw|oauth)_[A-Za-z0-9_.=-]{16,}|tskey-[a-z]+-[A-Za-z0-9_-]{10,}|sha256~[A-Za-z0-9_-]{30,}|gl(pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct|wt)-[A-Za-z0-9_.-]{10,}|GR1348941[A-Za-z0-9_-]{16,}|_gitlab_session=[A-Za-z0-9_]{16,}|npm_[A-Za-z0-9]{16,}|pypi-Ag[A-Za-z0-9_-]{10,}|pypi-[A-Za-z0-9_-]{50,}|rubygems_[0-9a-f]{16,}|CLOJARS_[a-z0-9]{20,}|cio[A-Za-z0-9]{32}|oy2[a-z0-9]{43}|dckr_(pat|oat)_[A-Za-z0-9_-]{10,}|AKCp[A-Za-z0-9]{30,}|cmVmd[A-Za-z0-9]{40,}|dp[.](pt|st|ct|sa|scim|audit|said)[.][A-Za-z0-9_.-]{16,}|bk[a-z]{2,3}_[A-Za-z0-9_-]{30,}|CCI(PAT|PRJ)_[A-Za-z0-9_]{16,}|sgp_[A-Za-z0-9_]{20,}|ATATT3[A-Za-z0-9_=-]{16,}|ATAT[A-Za-z0-9_=-]{100,}|ATCTT3[A-Za-z0-9_=-]{16,}|ATBB[A-Za-z0-9_]{20,}|ATTA[0-9a-f]{30,}|BBDC-[A-Za-z0-9_+/=]{20,}|sq[aup]_[0-9a-f]{30,}|snyk_[a-z]{3}[.][A-Za-z0-9_.-]{16,}|tfp_[A-Za-z0-9_-]{30,}|figd_[A-Za-z0-9_-]{16,}|PMA[KT]-[A-Za-z0-9-]{16,}|pat[A-Za-z0-9]{14}[.][0-9a-f]{20,}|xox[abcdeoprs]-[A-Za-z0-9_%-]{8,}[A-Za-z0-9_%/+=-]*|xox[be][.]xox[bp]-[A-Za-z0-9_-]{8,}|xapp-[0-9]-[A-Za-z0-9_-]{8,}|[MNO][A-Za-z0-9_-]{22,27}[.][A-Za-z0-9_-]{6}[.][A-Za-z0-9_-]{20,}|(bot)?[0-9]{8,10}:[A-Za-z0-9_-]{34,36}|SK[0-9a-fA-F]{32}|SG[.][A-Za-z0-9_-]{10,}[.][A-Za-z0-9_-]{10,}|SG[.][A-Za-z0-9_-]{20,}|key-[0-9a-f]{32}|[0-9a-h]{32}-[0-9a-h]{8}-[0-9a-h]{8}|[0-9a-f]{32}-us[0-9]{1,2}|mlsn[.][A-Za-z0-9]{30,}|re_[A-Za-z0-9]{6,}_?[A-Za-z0-9]{14,}|(sk|rk)_(live|test|prod)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9_+/=-]{16,}|shp(at|ss|ca|pa|tka)_[0-9A-Fa-f]{16,}|sq0[a-z]{3}-[A-Za-z0-9_-]{16,}|EAAA[A-Za-z0-9_-]{50,}|access_token[$]production[$][0-9a-z]{10,}[$][0-9a-f]{16,}|EZ[AT]K[A-Za-z0-9]{40,}|FLWSECK(_TEST)?-[A-Za-z0-9_-]{12,}|EAA[A-Za-z0-9]{60,}|[0-9]{15,16}[|][A-Za-z0-9_-]{27,40}|lip_[A-Za-z0-9_]{16,}|AAAA[A-Za-z0-9_-]{7}:APA91b[A-Za-z0-9_-]{20,}|AQE[A-Za-z0-9]{30,}[A-Za-z0-9_+/=.-]*|hv[sbr][.][A-Za-z0-9_-]{10,}|s[.][A-Za-z0-9]{24}|ops_[A-Za-z0-9_+/=-]{40,}|A3-[A-Z0-9]{6}-[A-Z0-9]{5,11}-[A-Z0-9-]{16,}|gl(sa|c)_[A-Za-z0-9_+/=]{16,}|NR(AK|JS|II|RA|SP|BR)-[A-Za-z0-9-]{16,}|sntry[su]_[A-Za-z0-9_+/=-]{16,}|dt0[a-z][0-9]{2}[.][A-Za-z0-9]{24}[.][A-Za-z0-9]{16,}|lin_(api|oauth)_[A-Za-z0-9]{16,}|ntn_[A-Za-z0-9]{16,}|secret_[A-Za-z0-9]{40,}|PRIVATE-TOKEN:?[ ]+[A-Za-z0-9_.-]{12,}|SSWS[ ]+[A-Za-z0-9_-]{20,}|sl[.](u[.])?[A-Za-z0-9_-]{60,}|CFPAT-[A-Za-z0-9_-]{20,}|[012]/[0-9]{16}(/[0-9]{16})?[:/][0-9a-f]{32}|dapi[0-9a-f]{30,}(-[0-9])?|dnkey-[A-Za-z0-9_-]{30,}|p8e-[a-z0-9]{30,}|ico-[A-Za-z0-9]{30,}|s-s4t2(ud|af)-[0-9a-f]{30,}|tk-us-[A-Za-z0-9_]{30,}|(duffel|shippo|lob)_(test|live)_[A-Za-z0-9_=-]{30,}|fio-u-[A-Za-z0-9_=-]{30,}|sm_[aps]at_[A-Za-z0-9]{16,}|rdme_[a-z0-9]{30,}|pnu_[A-Za-z0-9]{30,}|access-(sandbox|development|production)-[0-9a-f-]{30,}|API-[A-Z0-9]{26}|[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk|phx_[A-Za-z0-9_-]{30,}|pk_[0-9]{6,}_[A-Z0-9]{20,}|pat-(na|eu)[0-9]-[0-9a-f-]{30,}|sk[.]eyJ[A-Za-z0-9_.-]{20,}|(eyJrIjoi|eyJtaXJv|ZXlKaGJHY2lPaU|ZXlKMGVYQWlPaU)[A-Za-z0-9_+/=-]{20,}|[ps]at[.][A-Za-z0-9_-]{22}[.][0-9a-f]{24}[.][A-Za-z0-9_]{16,}|00[A-Za-z0-9]{13}![A-Za-z0-9_.-]{30,}|[A-Za-z0-9+/]{22}==:[A-Za-z0-9]{32}|(sdk|mob|api)-[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|(AIK_(CI|SECRET)|apify_api|sk_car|csa|CCDB1|dd[op]|dvc_(server|mobile|client)|cog|essu|ion|llx|mdb_sa_sk|nyk|os_v2_(app|org)|pdl_(live|sdbx)_apikey|persona_(production|sandbox)|pcsk|pina|polar_[a-z]{2,3}|prf|ramp_sec|rootly|rpa|rzp_(live|test)|samsara_api|tss|ucat|unkey|vtwn|waka|wandb_v1|xnd_(production|development)|zpka|packagist_[a-z]{3}|apk(_user)?|mergify_application_key|mercury_(production|sandbox)_[a-z]+|aact_(prod|hmlg)|tvly(-dev)?|fc|gcntfy-[a-z0-9_]+|api_live(_us|_ca)?|wrka[a-z]{0,2}|phc|key_live|whsk|sntr)[._-][A-Za-z0-9][A-Za-z0-9_=+/-]{13,}|configcat-sdk-1/[A-Za-z0-9_-]{22}/[A-Za-z0-9_-]{16,}|cnvca[A-Za-z0-9_-]{40,}|EXO[A-Za-z0-9]{24,}|4b1d[A-Za-z0-9]{38})'
named='([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Tt]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll][Ss]?|_[Aa][Uu][Tt][Hh]|[_-][Pp][Ww]|[_-][Pp][Aa][Ss][Ss]|[_-][Pp][Aa][Tt]|[_-][Ss][Aa][Ll][Tt]|([Dd][Bb]|[Uu][Ss][Ee][Rr]|[Rr][Oo][Oo][Tt]|[Ss][Mm][Tt][Pp]|[Mm][Aa][Ii][Ll]|[Ss][Qq][Ll]|[Aa][Dd][Mm][Ii][Nn]|[Rr][Ee][Qq][Uu][Ii][Rr][Ee])[Pp][Aa][Ss][Ss]|([Aa][Pp][Ii]|[Aa][Pp][Pp]|[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]|[Aa][Cc][Cc][Ee][Ss][Ss]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Rr][Ii][Vv][Aa][Tt][Ee]|[Ss][Ii][Gg][Nn][Ii][Nn][Gg]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ii][Oo][Nn]|[Mm][Aa][Ss][Tt][Ee][Rr]|[Ll][Ii][Cc][Ee][Nn][Ss][Ee]|[Ss][Ee][Rr][Vv][Ii][Cc][Ee]|[Cc][Oo][Nn][Ss][Uu][Mm][Ee][Rr]|[Dd][Ee][Pp][Ll][Oo][Yy]|[Rr][Oo][Uu][Tt][Ii][Nn][Gg]|[Ii][Nn][Tt][Ee][Gg][Rr][Aa][Tt][Ii][Oo][Nn]|[Ss][Hh][Aa][Rr][Ee][Dd]|[Ss][Uu][Bb][Ss][Cc][Rr][Ii][Pp][Tt][Ii][Oo][Nn]|[Aa][Dd][Mm][Ii][Nn]|[Jj][Ww][Tt]|[Ww][Ee][Bb][Hh][Oo][Oo][Kk]|[Hh][Mm][Aa][Cc]|[Ii][Nn][Gg][Ee][Ss][Tt]|[Ww][Rr][Ii][Tt][Ee]|[Ss][Dd][Kk]|[Cc][Ll][Ii][Ee][Nn][Tt]|[Aa][Uu][Tt][Hh]|[Ss][Ee][Ss][Ss][Ii][Oo][Nn]|[Cc][Rr][Yy][Pp][Tt]|[Cc][Ii][Pp][Hh][Ee][Rr]|[Aa][Ee][Ss]|[Ff][Uu][Nn][Cc][Tt][Ii][Oo][Nn][Ss]?|[Aa][Gg][Ee][Nn][Tt]|[Ss][Tt][Oo][Rr][Aa][Gg][Ee]|[Bb][Oo][Tt]|[Aa][Pp][Ii]_[Vv][0-9])[ _.-]?[Kk][Ee][Yy]|[Ss][Ee][Cc][Rr][Ee][Tt][_-]?([Aa][Cc][Cc][Ee][Ss][Ss][_-]?)?[Kk][Ee][Yy]([_-]?[Bb][Aa][Ss][Ee])?|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][_-]?[Ss][Tt][Rr][Ii][Nn][Gg])[0-9]{0,2}([_-]([Pp][Rr][Oo][Dd]|[Dd][Ee][Vv]|[Tt][Ee][Ss][Tt]|[Ll][Ii][Vv][Ee]|[Ss][Tt][Aa][Gg][Ii][Nn][Gg]|[Mm][Aa][Ii][Nn]|[Oo][Ll][Dd]|[Nn][Ee][Ww]|[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Bb][Aa][Ss][Ee]|[0-9]{1,2}))?(([\]{0,4}["'"'"']|&[Qq][Uu][Oo][Tt];|&#3[49];|%22)?[]]?[ [:blank:]]*([?+.!=]{0,2}={1,2}|:|:{1,3}=|=>|%3[Dd]|%3[Aa])[ [:blank:]]*|[ [:blank:]]*:?[ [:blank:]]+[&]?[A-Za-z][A-Za-z0-9_.]*([[<][A-Za-z0-9_ |.]*[]>])?([ [:blank:]]*[|][ [:blank:]]*[A-Za-z]+)?[ [:blank:]]*:?=[ [:blank:]]*|([\]{0,4}["'"'"']|&[Qq][Uu][Oo][Tt];|&#3[49];|%22)[ [:blank:]]*,?[ [:blank:]]*(([\]{0,4}["'"'"']|&[Qq][Uu][Oo][Tt];|&#3[49];|%22)?[Vv][Aa][Ll][Uu][Ee]([\]{0,4}["'"'"']|&[Qq][Uu][Oo][Tt];|&#3[49];|%22)?[ [:blank:]]*[:=][ [:blank:]]*)?)([\]{0,4}["'"'"']|&[Qq][Uu][Oo][Tt];|&#3[49];|%22)[^"'"'"'`[:space:]\&][^"'"'"'`\&]{3,}|([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Tt]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll][Ss]?|_[Aa][Uu][Tt][Hh]|[_-][Pp][Ww]|[_-][Pp][Aa][Ss][Ss]|[_-][Pp][Aa][Tt]|[_-][Ss][Aa][Ll][Tt]|([Dd][Bb]|[Uu][Ss][Ee][Rr]|[Rr][Oo][Oo][Tt]|[Ss][Mm][Tt][Pp]|[Mm][Aa][Ii][Ll]|[Ss][Qq][Ll]|[Aa][Dd][Mm][Ii][Nn]|[Rr][Ee][Qq][Uu][Ii][Rr][Ee])[Pp][Aa][Ss][Ss]|([Aa][Pp][Ii]|[Aa][Pp][Pp]|[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]|[Aa][Cc][Cc][Ee][Ss][Ss]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Rr][Ii][Vv][Aa][Tt][Ee]|[Ss][Ii][Gg][Nn][Ii][Nn][Gg]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ii][Oo][Nn]|[Mm][Aa][Ss][Tt][Ee][Rr]|[Ll][Ii][Cc][Ee][Nn][Ss][Ee]|[Ss][Ee][Rr][Vv][Ii][Cc][Ee]|[Cc][Oo][Nn][Ss][Uu][Mm][Ee][Rr]|[Dd][Ee][Pp][Ll][Oo][Yy]|[Rr][Oo][Uu][Tt][Ii][Nn][Gg]|[Ii][Nn][Tt][Ee][Gg][Rr][Aa][Tt][Ii][Oo][Nn]|[Ss][Hh][Aa][Rr][Ee][Dd]|[Ss][Uu][Bb][Ss][Cc][Rr][Ii][Pp][Tt][Ii][Oo][Nn]|[Aa][Dd][Mm][Ii][Nn]|[Jj][Ww][Tt]|[Ww][Ee][Bb][Hh][Oo][Oo][Kk]|[Hh][Mm][Aa][Cc]|[Ii][Nn][Gg][Ee][Ss][Tt]|[Ww][Rr][Ii][Tt][Ee]|[Ss][Dd][Kk]|[Cc][Ll][Ii][Ee][Nn][Tt]|[Aa][Uu][Tt][Hh]|[Ss][Ee][Ss][Ss][Ii][Oo][Nn]|[Cc][Rr][Yy][Pp][Tt]|[Cc][Ii][Pp][Hh][Ee][Rr]|[Aa][Ee][Ss]|[Ff][Uu][Nn][Cc][Tt][Ii][Oo][Nn][Ss]?|[Aa][Gg][Ee][Nn][Tt]|[Ss][Tt][Oo][Rr][Aa][Gg][Ee]|[Bb][Oo][Tt]|[Aa][Pp][Ii]_[Vv][0-9])[ _.-]?[Kk][Ee][Yy]|[Ss][Ee][Cc][Rr][Ee][Tt][_-]?([Aa][Cc][Cc][Ee][Ss][Ss][_-]?)?[Kk][Ee][Yy]([_-]?[Bb][Aa][Ss][Ee])?|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][_-]?[Ss][Tt][Rr][Ii][Nn][Gg])[0-9]{0,2}([_-]([Pp][Rr][Oo][Dd]|[Dd][Ee][Vv]|[Tt][Ee][Ss][Tt]|[Ll][Ii][Vv][Ee]|[Ss][Tt][Aa][Gg][Ii][Nn][Gg]|[Mm][Aa][Ii][Nn]|[Oo][Ll][Dd]|[Nn][Ee][Ww]|[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Bb][Aa][Ss][Ee]|[0-9]{1,2}))?([\]{0,4}["'"'"']|&[Qq][Uu][Oo][Tt];|&#3[49];|%22)?[]]?[ [:blank:]]*([?+.!=]{0,2}={1,2}|:|:{1,3}=|=>|%3[Dd]|%3[Aa])[ [:blank:]]*`?[^[:space:]"'"'"'`,;&<>()|\]{5,}|<[A-Za-z0-9_.:-]*([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Tt]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll][Ss]?|_[Aa][Uu][Tt][Hh]|[_-][Pp][Ww]|[_-][Pp][Aa][Ss][Ss]|[_-][Pp][Aa][Tt]|[_-][Ss][Aa][Ll][Tt]|([Dd][Bb]|[Uu][Ss][Ee][Rr]|[Rr][Oo][Oo][Tt]|[Ss][Mm][Tt][Pp]|[Mm][Aa][Ii][Ll]|[Ss][Qq][Ll]|[Aa][Dd][Mm][Ii][Nn]|[Rr][Ee][Qq][Uu][Ii][Rr][Ee])[Pp][Aa][Ss][Ss]|([Aa][Pp][Ii]|[Aa][Pp][Pp]|[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]|[Aa][Cc][Cc][Ee][Ss][Ss]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Rr][Ii][Vv][Aa][Tt][Ee]|[Ss][Ii][Gg][Nn][Ii][Nn][Gg]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ii][Oo][Nn]|[Mm][Aa][Ss][Tt][Ee][Rr]|[Ll][Ii][Cc][Ee][Nn][Ss][Ee]|[Ss][Ee][Rr][Vv][Ii][Cc][Ee]|[Cc][Oo][Nn][Ss][Uu][Mm][Ee][Rr]|[Dd][Ee][Pp][Ll][Oo][Yy]|[Rr][Oo][Uu][Tt][Ii][Nn][Gg]|[Ii][Nn][Tt][Ee][Gg][Rr][Aa][Tt][Ii][Oo][Nn]|[Ss][Hh][Aa][Rr][Ee][Dd]|[Ss][Uu][Bb][Ss][Cc][Rr][Ii][Pp][Tt][Ii][Oo][Nn]|[Aa][Dd][Mm][Ii][Nn]|[Jj][Ww][Tt]|[Ww][Ee][Bb][Hh][Oo][Oo][Kk]|[Hh][Mm][Aa][Cc]|[Ii][Nn][Gg][Ee][Ss][Tt]|[Ww][Rr][Ii][Tt][Ee]|[Ss][Dd][Kk]|[Cc][Ll][Ii][Ee][Nn][Tt]|[Aa][Uu][Tt][Hh]|[Ss][Ee][Ss][Ss][Ii][Oo][Nn]|[Cc][Rr][Yy][Pp][Tt]|[Cc][Ii][Pp][Hh][Ee][Rr]|[Aa][Ee][Ss]|[Ff][Uu][Nn][Cc][Tt][Ii][Oo][Nn][Ss]?|[Aa][Gg][Ee][Nn][Tt]|[Ss][Tt][Oo][Rr][Aa][Gg][Ee]|[Bb][Oo][Tt]|[Aa][Pp][Ii]_[Vv][0-9])[ _.-]?[Kk][Ee][Yy]|[Ss][Ee][Cc][Rr][Ee][Tt][_-]?([Aa][Cc][Cc][Ee][Ss][Ss][_-]?)?[Kk][Ee][Yy]([_-]?[Bb][Aa][Ss][Ee])?|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][_-]?[Ss][Tt][Rr][Ii][Nn][Gg])[0-9]{0,2}([_-]([Pp][Rr][Oo][Dd]|[Dd][Ee][Vv]|[Tt][Ee][Ss][Tt]|[Ll][Ii][Vv][Ee]|[Ss][Tt][Aa][Gg][Ii][Nn][Gg]|[Mm][Aa][Ii][Nn]|[Oo][Ll][Dd]|[Nn][Ee][Ww]|[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Bb][Aa][Ss][Ee]|[0-9]{1,2}))?>[^/[:space:]"'"'"'`<>$][^[:space:]"'"'"'`,;&<>()|\]{4,}|([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee]|[Tt][Oo][Kk][Ee][Nn])[(][ [:blank:]]*["'"'"'][^"'"'"'`[:space:]\&][^"'"'"'`\&]{3,}|(^-?|[^A-Za-z0-9_-]|[\][nrt]|[[][0-9;]{0,8}[Mm])([Ee][Nn][Vv]|[Ss][Ee][Tt][Ee][Nn][Vv]|[Ss][Ee][Tt][Xx]|[Ee][Xx][Pp][Oo][Rr][Tt]|[Cc][Oo][Nn][Ff][Ii][Gg][Uu][Rr][Ee] [Ss][Ee][Tt])[ [:blank:]]+[A-Za-z0-9_.]*([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Tt]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll][Ss]?|_[Aa][Uu][Tt][Hh]|[_-][Pp][Ww]|[_-][Pp][Aa][Ss][Ss]|[_-][Pp][Aa][Tt]|[_-][Ss][Aa][Ll][Tt]|([Dd][Bb]|[Uu][Ss][Ee][Rr]|[Rr][Oo][Oo][Tt]|[Ss][Mm][Tt][Pp]|[Mm][Aa][Ii][Ll]|[Ss][Qq][Ll]|[Aa][Dd][Mm][Ii][Nn]|[Rr][Ee][Qq][Uu][Ii][Rr][Ee])[Pp][Aa][Ss][Ss]|([Aa][Pp][Ii]|[Aa][Pp][Pp]|[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]|[Aa][Cc][Cc][Ee][Ss][Ss]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Rr][Ii][Vv][Aa][Tt][Ee]|[Ss][Ii][Gg][Nn][Ii][Nn][Gg]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ii][Oo][Nn]|[Mm][Aa][Ss][Tt][Ee][Rr]|[Ll][Ii][Cc][Ee][Nn][Ss][Ee]|[Ss][Ee][Rr][Vv][Ii][Cc][Ee]|[Cc][Oo][Nn][Ss][Uu][Mm][Ee][Rr]|[Dd][Ee][Pp][Ll][Oo][Yy]|[Rr][Oo][Uu][Tt][Ii][Nn][Gg]|[Ii][Nn][Tt][Ee][Gg][Rr][Aa][Tt][Ii][Oo][Nn]|[Ss][Hh][Aa][Rr][Ee][Dd]|[Ss][Uu][Bb][Ss][Cc][Rr][Ii][Pp][Tt][Ii][Oo][Nn]|[Aa][Dd][Mm][Ii][Nn]|[Jj][Ww][Tt]|[Ww][Ee][Bb][Hh][Oo][Oo][Kk]|[Hh][Mm][Aa][Cc]|[Ii][Nn][Gg][Ee][Ss][Tt]|[Ww][Rr][Ii][Tt][Ee]|[Ss][Dd][Kk]|[Cc][Ll][Ii][Ee][Nn][Tt]|[Aa][Uu][Tt][Hh]|[Ss][Ee][Ss][Ss][Ii][Oo][Nn]|[Cc][Rr][Yy][Pp][Tt]|[Cc][Ii][Pp][Hh][Ee][Rr]|[Aa][Ee][Ss]|[Ff][Uu][Nn][Cc][Tt][Ii][Oo][Nn][Ss]?|[Aa][Gg][Ee][Nn][Tt]|[Ss][Tt][Oo][Rr][Aa][Gg][Ee]|[Bb][Oo][Tt]|[Aa][Pp][Ii]_[Vv][0-9])[ _.-]?[Kk][Ee][Yy]|[Ss][Ee][Cc][Rr][Ee][Tt][_-]?([Aa][Cc][Cc][Ee][Ss][Ss][_-]?)?[Kk][Ee][Yy]([_-]?[Bb][Aa][Ss][Ee])?|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][_-]?[Ss][Tt][Rr][Ii][Nn][Gg])[0-9]{0,2}([_-]([Pp][Rr][Oo][Dd]|[Dd][Ee][Vv]|[Tt][Ee][Ss][Tt]|[Ll][Ii][Vv][Ee]|[Ss][Tt][Aa][Gg][Ii][Nn][Gg]|[Mm][Aa][Ii][Nn]|[Oo][Ll][Dd]|[Nn][Ee][Ww]|[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Bb][Aa][Ss][Ee]|[0-9]{1,2}))?[ [:blank:]]+["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]{5,}|(^-?|[^A-Za-z0-9_-]|[\][nrt]|[[][0-9;]{0,8}[Mm])([Rr][Ee][Qq][Uu][Ii][Rr][Ee][Pp][Aa][Ss][Ss]|[Mm][Aa][Ss][Tt][Ee][Rr][Aa][Uu][Tt][Hh])[ [:blank:]]+["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]{5,}|([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee])[ [:blank:]]+([Ii][Ss]|[Ww][Aa][Ss])[ [:blank:]:]+([\]{0,4}["'"'"']|&[Qq][Uu][Oo][Tt];|&#3[49];|%22)?[^[:space:]"'"'"'`,;&<>()|\]{6,}|(^-?|[^A-Za-z0-9_-]|[\][nrt]|[[][0-9;]{0,8}[Mm])[Pp][Aa][Ss][Ss][ [:blank:]]*=[ [:blank:]]*([\]{0,4}["'"'"']|&[Qq][Uu][Oo][Tt];|&#3[49];|%22)?[^[:space:]"'"'"'`,;&<>()|\]{5,}|--[A-Za-z0-9_-]*([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Tt]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll][Ss]?|_[Aa][Uu][Tt][Hh]|[_-][Pp][Ww]|[_-][Pp][Aa][Ss][Ss]|[_-][Pp][Aa][Tt]|[_-][Ss][Aa][Ll][Tt]|([Dd][Bb]|[Uu][Ss][Ee][Rr]|[Rr][Oo][Oo][Tt]|[Ss][Mm][Tt][Pp]|[Mm][Aa][Ii][Ll]|[Ss][Qq][Ll]|[Aa][Dd][Mm][Ii][Nn]|[Rr][Ee][Qq][Uu][Ii][Rr][Ee])[Pp][Aa][Ss][Ss]|([Aa][Pp][Ii]|[Aa][Pp][Pp]|[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]|[Aa][Cc][Cc][Ee][Ss][Ss]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Rr][Ii][Vv][Aa][Tt][Ee]|[Ss][Ii][Gg][Nn][Ii][Nn][Gg]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ii][Oo][Nn]|[Mm][Aa][Ss][Tt][Ee][Rr]|[Ll][Ii][Cc][Ee][Nn][Ss][Ee]|[Ss][Ee][Rr][Vv][Ii][Cc][Ee]|[Cc][Oo][Nn][Ss][Uu][Mm][Ee][Rr]|[Dd][Ee][Pp][Ll][Oo][Yy]|[Rr][Oo][Uu][Tt][Ii][Nn][Gg]|[Ii][Nn][Tt][Ee][Gg][Rr][Aa][Tt][Ii][Oo][Nn]|[Ss][Hh][Aa][Rr][Ee][Dd]|[Ss][Uu][Bb][Ss][Cc][Rr][Ii][Pp][Tt][Ii][Oo][Nn]|[Aa][Dd][Mm][Ii][Nn]|[Jj][Ww][Tt]|[Ww][Ee][Bb][Hh][Oo][Oo][Kk]|[Hh][Mm][Aa][Cc]|[Ii][Nn][Gg][Ee][Ss][Tt]|[Ww][Rr][Ii][Tt][Ee]|[Ss][Dd][Kk]|[Cc][Ll][Ii][Ee][Nn][Tt]|[Aa][Uu][Tt][Hh]|[Ss][Ee][Ss][Ss][Ii][Oo][Nn]|[Cc][Rr][Yy][Pp][Tt]|[Cc][Ii][Pp][Hh][Ee][Rr]|[Aa][Ee][Ss]|[Ff][Uu][Nn][Cc][Tt][Ii][Oo][Nn][Ss]?|[Aa][Gg][Ee][Nn][Tt]|[Ss][Tt][Oo][Rr][Aa][Gg][Ee]|[Bb][Oo][Tt]|[Aa][Pp][Ii]_[Vv][0-9])[ _.-]?[Kk][Ee][Yy]|[Ss][Ee][Cc][Rr][Ee][Tt][_-]?([Aa][Cc][Cc][Ee][Ss][Ss][_-]?)?[Kk][Ee][Yy]([_-]?[Bb][Aa][Ss][Ee])?|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][_-]?[Ss][Tt][Rr][Ii][Nn][Gg]|[Pp][Aa][Ss][Ss])([ [:blank:]]+|=)["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]{5,}|[Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn]([\]{0,4}["'"'"']|&[Qq][Uu][Oo][Tt];|&#3[49];|%22)?[]]?[ [:blank:]]*([?+.!=]{0,2}={1,2}|:|:{1,3}=|=>|%3[Dd]|%3[Aa])[ [:blank:]]*["'"'"']?[A-Za-z-]{3,20}[ [:blank:]]+[^[:space:]"'"'"'`,;&<>()|\]{6,}|[Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn]([\]{0,4}["'"'"']|&[Qq][Uu][Oo][Tt];|&#3[49];|%22)?[]]?[ [:blank:]]*([?+.!=]{0,2}={1,2}|:|:{1,3}=|=>|%3[Dd]|%3[Aa])[ [:blank:]]*["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]{12,}|(^|[^A-Za-z0-9_])[Bb][Ee][Aa][Rr][Ee][Rr][ [:blank:]]+[A-Za-z0-9_.~+/=-]{12,}|(^|[^A-Za-z0-9_])[Bb][Aa][Ss][Ii][Cc][ [:blank:]]+[A-Za-z0-9+/]{12,}={0,2}|[Cc][Oo][Oo][Kk][Ii][Ee]([\]{0,4}["'"'"']|&[Qq][Uu][Oo][Tt];|&#3[49];|%22)?[]]?[ [:blank:]]*([?+.!=]{0,2}={1,2}|:|:{1,3}=|=>|%3[Dd]|%3[Aa])[ [:blank:]]*["'"'"']?[A-Za-z0-9_.-]+=[^"'"'"'[:space:];]{8,}([^"'"'"'[:space:]]|; )*|["'"'"'][Aa][Uu][Tt][Hh]["'"'"'][ [:blank:]]*:[ [:blank:]]*["'"'"'][A-Za-z0-9+/]{12,}={0,2}|([Ll][Oo][Gg][Ii][Nn]|[Uu][Ss][Ee][Rr]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt])[ [:blank:]]+[^[:space:]]+[ [:blank:]]+([Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]|[Pp][Aa][Ss][Ss][Ww][Dd])[ [:blank:]]+[^[:space:]]{4,}|^[ [:blank:]]*([Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]|[Pp][Aa][Ss][Ss][Ww][Dd])[ [:blank:]]+[^[:space:]]{6,}|([Cc][Uu][Rr][Ll]|[Hh][Tt][Tt][Pp]|[Hh][Tt][Tt][Pp][Ss]|[Xx][Hh]|[Ww][Gg][Ee][Tt])[ [:blank:]](.*[ [:blank:]])?(-[Uu]|--[Uu][Ss][Ee][Rr]|-[Uu]|--[Pp][Rr][Oo][Xx][Yy]-[Uu][Ss][Ee][Rr])[ [:blank:]=]*["'"'"']?[^[:space:]:"'"'"']*["'"'"']?:["'"'"']?[^[:space:]"'"'"']{3,}|^[ [:blank:]]+(-[Uu]|--[Uu][Ss][Ee][Rr]|-[Uu]|--[Pp][Rr][Oo][Xx][Yy]-[Uu][Ss][Ee][Rr])[ [:blank:]=]*["'"'"']?[^[:space:]:"'"'"']*:[^[:space:]"'"'"']{5,}|([Mm][Yy][Ss][Qq][Ll]|[Mm][Aa][Rr][Ii][Aa][Dd][Bb]|[Mm][Yy][Ss][Qq][Ll][Dd][Uu][Mm][Pp]|[Mm][Yy][Ss][Qq][Ll][Aa][Dd][Mm][Ii][Nn])[ [:blank:]]([^|;]*[ [:blank:]])?-[Pp]["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]{5,}|([Ss][Ss][Hh][Pp][Aa][Ss][Ss]|[Dd][Oo][Cc][Kk][Ee][Rr] [Ll][Oo][Gg][Ii][Nn]|[Pp][Oo][Dd][Mm][Aa][Nn] [Ll][Oo][Gg][Ii][Nn]|[Rr][Ee][Dd][Ii][Ss]-[Cc][Ll][Ii]|[Mm][Oo][Nn][Gg][Oo][Ss][Hh]?)[ [:blank:]]([^|;]*[ [:blank:]])?-[pa][ [:blank:]]*["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]{6,}|[Nn][Ee][Tt] [Uu][Ss][Ee][ [:blank:]].*/[Uu][Ss][Ee][Rr]:[^[:space:]]+[ [:blank:]]+[^[:space:]"'"'"'`,;&<>()|\]{5,}|([Pp][Aa][Ss][Ss][Ii][Nn]|[Pp][Aa][Ss][Ss][Oo][Uu][Tt]|[Pp][Aa][Ss][Ss])[ [:blank:]=][Pp][Aa][Ss][Ss]:[^[:space:]"'"'"'`,;&<>()|\]{4,}|([Ii][Dd][Ee][Nn][Tt][Ii][Ff][Ii][Ee][Dd] [Bb][Yy]|[Ww][Ii][Tt][Hh] [Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ee][Dd] [Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd])[ [:blank:]]+["'"'"'][^"'"'"'[:space:]]{4,}|[?&;]([Kk][Ee][Yy]|[Ss][Ii][Gg]|[Ss][Ii][Gg][Nn][Aa][Tt][Uu][Rr][Ee]|[Cc][Oo][Dd][Ee]|[Aa][Uu][Tt][Hh]|[Xx]-[Aa][Mm][Zz]-[Ss][Ii][Gg][Nn][Aa][Tt][Uu][Rr][Ee]|[Xx]-[Aa][Mm][Zz]-[Ss][Ee][Cc][Uu][Rr][Ii][Tt][Yy]-[Tt][Oo][Kk][Ee][Nn]|[Xx]-[Gg][Oo][Oo][Gg]-[Ss][Ii][Gg][Nn][Aa][Tt][Uu][Rr][Ee]|[Aa][Pp][Ii][Kk][Ee][Yy]|[Pp][Ww]|[Pp][Aa][Ss][Ss]|[Ss][Ii][Dd])=[A-Za-z0-9_%+/=.~-]{10,}|(^|[^A-Za-z0-9_-])([A-Za-z][A-Za-z0-9]*[_-]){1,4}([Ss][Ee][Cc][Rr][Ee][Tt]|[Aa][Pp][Ii][Kk][Ee][Yy]|[Tt][Oo][Kk][Ee][Nn]|[Pp][Aa][Tt]|[Ss][Kk]|[Ll][Ii][Vv][Ee]|[Pp][Rr][Oo][Dd]|[Pp][Rr][Oo][Dd][Uu][Cc][Tt][Ii][Oo][Nn])[_-][A-Za-z0-9]{24,}|[Jj][Dd][Bb][Cc]:[Oo][Rr][Aa][Cc][Ll][Ee]:[Tt][Hh][Ii][Nn]:[^[:space:]/@]+/[^[:space:]@/]{4,}@|^[A-Za-z0-9_.*-]+:([0-9]{4,5}|[*]):[^[:space:]:]+:[^[:space:]:]+:[^[:space:]]{5,}|[a-z0-9+.-]://[^[:space:]/:@?#"'"'"'<>`]*:[^[:space:]/"'"'"'<>`]+@|[a-z0-9+.-]://[A-Za-z0-9_-]{20,128}@|([Rr][Ee][Dd][Ii][Ss]|[Rr][Ee][Dd][Ii][Ss][Ss]|[Aa][Mm][Qq][Pp][Ss]?|[Pp][Oo][Ss][Tt][Gg][Rr][Ee][Ss]|[Pp][Oo][Ss][Tt][Gg][Rr][Ee][Ss][Qq][Ll]|[Mm][Yy][Ss][Qq][Ll]|[Mm][Oo][Nn][Gg][Oo][Dd][Bb])://[^[:space:]/:@?#"'"'"'<>`]*:[^[:space:]"'"'"'<>`]+@'
words='[A-Z0-9_]*(PASSW(OR)?D|PASSPHRASE|_PASS|_PWD)=["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]{5,}|--(password|passwd|pass|passphrase)=["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]{5,}|machine[ [:blank:]]+[^[:space:]]{1,80}[ [:blank:]]+login[ [:blank:]]+[^[:space:]]{1,80}[ [:blank:]]+password[ [:blank:]]+[^[:space:]]{4,}|curl[ [:blank:]](.{0,200}[ [:blank:]])?(-u|--user|-U|--proxy-user)[ [:blank:]=]*["'"'"']?[^[:space:]:"'"'"']{1,64}:[A-Za-z]{5,}|[a-z0-9+]://[A-Za-z0-9_.-]{1,64}:[A-Za-z]{5,}@|(echo|printf)[ [:blank:]]+["'"'"']?[^$<>{(|&;"'"'"'`\[:space:]-][^|]{4,}[|][^|]{1,120}--(password-stdin|with-token)|([Pp]assw(or)?d|[Tt]oken|[Ss]ecret|[Kk]ey)</key>[ [:blank:]]*<string>[^[:space:]"'"'"'`,;&<>()|\]{5,}|["'"'"'][A-Za-z0-9_-]{0,30}(password|passwd|passphrase)["'"'"'][ [:blank:]]*:[ [:blank:]]*["'"'"'][a-z]{6,}["'"'"']|^[ [:blank:]+-]*[A-Za-z0-9_.-]{0,30}(password|passwd|passphrase):[ [:blank:]]+["'"'"']?[a-z]{6,}["'"'"']?[ [:blank:][:space:]]*$'
plain='(^|[^A-Za-z0-9_])(sk-|s[.]|SG[.]|STS[.])[^0-9]*$|(^|[^A-Za-z0-9_])(fw|p[aru]l?f?|a[lk]|rnd|ion|cog|tss|csa|fc|rpa|apk|phc|lip|waka|pina|unkey|rootly|nyk|bk[a-z]+|[a-z]+_(live|test|sandbox|production))[_-][a-z_-]*$|(^|[^A-Za-z0-9_-])(sk-([b-z][a-z]*|a[a-mo-z][a-z]*|an[a-su-z][a-z]*|ant[a-z]+)?|[a-rt-z][a-z]{1,5}|s[a-jl-z][a-z]{0,4}|sk[a-z]{1,4}|xox[a-z]|[0-9]{8,10})[:_-](([a-z]{1,24}[0-9]{0,2}|[0-9]{1,4}[a-z]?)[_-])+([a-z]{1,24}[0-9]{0,2}|[0-9]{1,4}[a-z]?)$|AKIA[A-Z0-9]*EXAMPLE|[/]T?[X0]+[/]B?[X0]+[/][xX]+|(^|[^A-Za-z0-9_])[0-9]{8,10}:[^0-9]*$|atlasv1[.][^0-9]*$|services[/]([A-Z_]+[/]?)+$|(^|[^A-Za-z0-9_])[0-9a-f]{32}[.][a-z0-9]*$'
harmless='^([^=:]*([?+.!=]{0,2}={1,2}|:|:{1,3}=|=>|%3D|%3A)[ [:blank:]]*|([^=: [:blank:]]|[ [:blank:]]+[^=: [:blank:]-])*[ [:blank:],(>]+|.?://[^[:space:]/:@]*:|[a-z]+://[^[:space:]/:@]*:|.*[ [:blank:]](-u|--user|-U|--proxy-user|-p|-a)[ [:blank:]=]*["'"'"']?([^[:space:]:]*:)?|.*(value["'"'"']?|[ [:blank:]][A-Za-z]+)[ [:blank:]]*:?=[ [:blank:]]*)[\"'"'"'`[{]*((none|null|nil|true|false|undefined|required|optional|string|unset|empty|missing|redacted|masked|hidden|changeme|password[0-9]{0,3}!?|passwd|secret|token|pass|pw|username|user|postgres|root|admin|guest|scram-sha-256|todo|tbd|foo|bar|n/a|NONE|NULL|NIL|TRUE|FALSE|UNDEFINED|REQUIRED|OPTIONAL|STRING|UNSET|EMPTY|MISSING|REDACTED|MASKED|HIDDEN|CHANGEME|PASSWORD[0-9]{0,3}!?|PASSWD|SECRET|TOKEN|PASS|PW|USERNAME|USER|POSTGRES|ROOT|ADMIN|GUEST|SCRAM-SHA-256|TODO|TBD|FOO|BAR|N/A)|([Yy]our|YOUR|my|the|insert|INSERT|replace|REPLACE|enter)[ _-]?[A-Za-z _.-]*[0-9]{0,2}|([Ee]xample|EXAMPLE|sample|dummy|DUMMY|fake|FAKE|change-?_?me|CHANGE_?ME|placeholder|PLACEHOLDER|test)[A-Za-z0-9_.-]{0,16}|[$][A-Za-z_({].*|[{<%]+[ ]?[A-Za-z_(.].*|@[A-Za-z_/][A-Za-z0-9_./-]*|[A-Za-z0-9_-]*([.]{3}|[*]{3}|xxx|XXX|…).*|[*xX#_.-]+|[[](redacted|REDACTED|secret|hidden|masked)[ A-Za-z0-9_]*[]]?.*|[~.]{0,2}/([a-z0-9._-][a-z0-9._/-]*)?|[a-z0-9+]+://[^:@?=]*|(env|file|vault|ref|ssm|op):[A-Za-z/_.#-]*|[A-Za-z0-9_./-]+[.](md|py|json|ya?ml|toml|txt|env|sh|js|ts|pem|key|html?|conf|ini|cfg|log|go|rs|enc|gpg|age)|ENC[[].*|(id|src|type|name|env|from|file)=.*|[!&*][A-Za-z_][A-Za-z0-9_ ./|-]*|arn:[A-Za-z0-9_:/*-]*|[A-Za-z_.:>-]+[[(][A-Za-z0-9_ |,.:["'"'"'-]*[])]*[A-Za-z0-9_.]*|#[0-9A-Fa-f]{6}|[(].*|:[A-Za-z_:]*|[[]\[^]?[0-9A-Za-z]-.*|_*[A-Z]{2,5}([A-Z][a-z]+)+|[a-z_]{3,}([.][a-z_]{3,})+[.][A-Z]\w*|_*[A-Za-z_]+[0-9]{0,5}([.][A-Z]?[a-z_]+[0-9]{0,5}([A-Z][a-z]+)*|[.][A-Z]{2,5}([A-Z][a-z]+)+)+|([A-Za-z'"'"'-]|[^ -~])+([ ]+([A-Za-z'"'"'-]|[^ -~])+[,.!?]?)+|[A-Z]?([a-z]|[^ -~])+|_*[a-z]+([_./:-]+[a-z]+)*[][{.?!:*]*|[_]*[A-Z]+(_[A-Z]+)+[][]?|[A-Z]{4,12}|([a-z]+[.])*_*[a-z]*([A-Z][a-z]+)+([.]_*[a-z]*([A-Z]?[a-z]+)*)*[][}]*.{0,1}|_*[a-z]+[0-9]{0,3}(_+([a-z]+[0-9]{0,3}|[0-9]{1,4}))*([.]_*[a-z]+[0-9]{0,3}(_+([a-z]+[0-9]{0,3}|[0-9]{1,4}))*)*[][]?|[A-Za-z_]+[0-9]{0,3}([.][A-Za-z_]+[0-9]{0,3})+|[A-Za-z0-9/+_-]*EXAMPLE[A-Z]*|[A-Za-z][A-Za-z _-]*[$]?[{(%<].*|[0-9.,_]{1,7}[a-z%]?|v?[0-9]+[.][0-9]+[.][0-9.]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*)[]\"'"'"'`@.,!?});: ]*$|://[A-Za-z_-]*@$|^.?[A-Za-z0-9_-]*[_-](secret|apikey|token|pat|sk|live|prod|production)[_-]([a-z0-9]*|[A-Z0-9]*|[a-z]*([A-Z][a-z]+)*[0-9]{0,4})$|^[Aa]uthorization["'"'"']?[ ]?[:=][ ]?["'"'"']?[A-Za-z-]+[ ]+([$<{%*.[].*|[a-z]{1,11}|[A-Z_]+)$|^[Aa]uthorization["'"'"']?[ ]?[:=][ ]?["'"'"']?[A-Za-z-]+$|^secret:[A-Za-z0-9_/-]+$|^.?[Bb][Aa][Ss][Ii][Cc][ [:blank:]]+[A-Za-z+/]*$|^.?[Bb][Ee][Aa][Rr][Ee][Rr][ [:blank:]]+([A-Za-z.~+/=_-]*|(([a-z]{1,24}[0-9]{0,2}|[0-9]{1,4}[a-z]?)[./-])+([a-z]{1,24}[0-9]{0,2}|[0-9]{1,4}[a-z]?))$|[?&;][a-z_-]+=[A-Za-z_.-]*$'
placeholders='[=: [:blank:]]["'"'"']?([A-Za-z0-9_]*(pass|PASS|Pass|pw|secret|SECRET|Secret|token|TOKEN|example|EXAMPLE|dummy|fake|test|change|CHANGE|your|YOUR|sample|placeholder|guest|root|admin|postgres|user|USER|redact|mask|hidden|null|none|None|true|false|string|bytes|text|field|input|label|required|optional|invalid|incorrect|wrong|missing|empty|forgot|confirm|reset|expired|hash|bcrypt|argon|encrypt|plain|strong|secure|undefined|unset|default|value|parola|lozinka|wachtw|salasana)[A-Za-z0-9_]*|[A-Z_]+|[^A-Za-z0-9_]*)["'"'"'@,.!?; [:blank:][:space:]]*$|[=:@ [:blank:]]["'"'"']?[$<{%*!&(~./[\][^=:@ [:blank:]]*$|[=:@ [:blank:]][A-Za-z0-9_.]*[([{<$][^=:@ [:blank:]]*$'
hint='[Pp][Aa][Ss][Ss]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll]|[Aa][Uu][Tt][Hh]|[_-][Pp][Aa][Tt]|[_-][Ss][Aa][Ll][Tt]|[Kk][Ee][Yy]|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn]|[Bb][Ee][Aa][Rr][Ee][Rr]|[Bb][Aa][Ss][Ii][Cc]|[Cc][Oo][Oo][Kk][Ii][Ee]| -[Uu]|--[Uu][Ss][Ee][Rr]|-[Uu][Ss][Ee][Rr]| -[Pp]| -[Aa]|[Ii][Dd][Ee][Nn][Tt][Ii][Ff][Ii][Ee][Dd] [Bb][Yy]|://|[_-][Pp][Rr][Oo][Dd]|[_-][Ll][Ii][Vv][Ee]|[_-][Ss][Kk][_-]|[Jj][Dd][Bb][Cc]:|[?&;][A-Za-z-]+=|^[^:]+:[0-9*]+:[^:]+:[^:]+:|/[Uu][Ss][Ee][Rr]:|[_-][Pp][Ww]|sk-ant-|gh[pousr]_[A-Za-z0-9]+|github_pat_|-----BEGIN |b3BlbnNzaC1rZXktdjE|PuTTY-User-Key-File-|AGE-SECRET-KEY-1|(hooks[.]slack[.]com|hooks[.]slack-gov[.]com)/(services|workflows|triggers)/[A-Za-z0-9_/+-]+|discord|webhook[.]office[.]com/webhookb2/|hooks[.]zapier[.]com/hooks/catch/|api[.]telegram[.]org/|(AccountKey|SharedAccessKey|SharedAccessSignature|SharedSecretValue)=[A-Za-z0-9_+/=%.& -]+|xkeysib-|xsmtpsib-|maker[.]ifttt[.]com/trigger/|open[.]|outlook[.]office|hc-ping[.]com/|incoming[+]|([Mm]nemonic|MNEMONIC|[Ss]eed[_ -]?[Pp]hrase|SEED_PHRASE)["'"'"']?[ ]?[:=][ ]?["'"'"']?([a-z]+ )+[a-z]+|[A-Za-z0-9]+[.]atlasv1[.][A-Za-z0-9_=-]+|(^-?|[^A-Za-z0-9_-]|[\][nrt]|[[][0-9;]{0,8}m)(eyJ|sk-|sk-|sk-|sk-|sess-|csk-|(xai|gsk|pplx|nvapi|fw|tgp_v1|r8|hf|api_org|jina|voyage|pa|al|ak)[_-][A-Za-z0-9][A-Za-z0-9_-]+|BSA|lsv2_|sk_|[0-9a-fA-F]+[.][A-Za-z0-9]+|AIza|ya29[.]|1//0|4/0A|GOCSPX-|AQ[.]A|(AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]+|ABSK|bedrock-api-key-|amzn[.]mws[.]|[A-Za-z0-9_~.-]+[0-9]Q~[A-Za-z0-9_~.-]+|(LTAI|AKID)[A-Za-z0-9]+|STS[.]|SWM|AstraCS:|do[oprt]_v1_[0-9a-fA-F]+|fo1_|fm[12][abcdr]?_[A-Za-z0-9_+/=,-]+|HRKU-|(rnd|nfp|napi|vc[piakr]|sbp|pul|cfut|cfat|cfk|rwsk|koyeb)[_-][A-Za-z0-9][A-Za-z0-9_-]+|v1[.]0-|sb_secret_|pscale_|tskey-|sha256~|gl(pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct|wt)-[A-Za-z0-9_.-]+|GR1348941|_gitlab_session=|npm_|pypi-Ag|pypi-|rubygems_|CLOJARS_|cio|oy2|dckr_|AKCp|cmVmd|dp[.]|bk[a-z]+_[A-Za-z0-9_-]+|CCI|sgp_|ATATT3|ATAT|ATCTT3|ATBB|ATTA|BBDC-|sq[aup]_[0-9a-f]+|snyk_|tfp_|figd_|PMA|pat|xox|xox|xapp-|[MNO][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+|(bot)?[0-9]+:[A-Za-z0-9_-]+|SK[0-9a-fA-F]+|SG[.]|SG[.]|key-|[0-9a-h]+-[0-9a-h]+-[0-9a-h]+|[0-9a-f]+-us[0-9]+|mlsn[.]|re_|(sk|rk)_(live|test|prod)_[A-Za-z0-9]+|whsec_|shp|sq0|EAAA|access_token[$]production[$]|EZ[AT]K[A-Za-z0-9]+|FLWSECK|EAA|[0-9]+[|][A-Za-z0-9_-]+|lip_|AAAA|AQE|hv[sbr][.][A-Za-z0-9_-]+|s[.][A-Za-z0-9]+|ops_|A3-|gl(sa|c)_[A-Za-z0-9_+/=]+|NR(AK|JS|II|RA|SP|BR)-[A-Za-z0-9-]+|sntry|dt0|lin_|ntn_|secret_|PRIVATE-TOKEN:?[ ]+|SSWS[ ]+|sl[.]|CFPAT-|[012]/[0-9]+(/[0-9]+)?[:/][0-9a-f]+|dapi|dnkey-|p8e-|ico-|s-s4t2|tk-us-|(duffel|shippo|lob)_(test|live)_[A-Za-z0-9_=-]+|fio-u-|sm_|rdme_|pnu_|access-|API-|[A-Za-z0-9]+_[A-Za-z0-9]+_mmk|phx_|pk_|pat-|sk[.]eyJ|(eyJrIjoi|eyJtaXJv|ZXlKaGJHY2lPaU|ZXlKMGVYQWlPaU)[A-Za-z0-9_+/=-]+|[ps]at[.][A-Za-z0-9_-]+[.][0-9a-f]+[.][A-Za-z0-9_]+|00[A-Za-z0-9]+![A-Za-z0-9_.-]+|[A-Za-z0-9+/]+==:[A-Za-z0-9]+|(sdk|mob|api)-[0-9a-f]+-([0-9a-f]+-)+[0-9a-f]+|(AIK_(CI|SECRET)|apify_api|sk_car|csa|CCDB1|dd[op]|dvc_(server|mobile|client)|cog|essu|ion|llx|mdb_sa_sk|nyk|os_v2_(app|org)|pdl_(live|sdbx)_apikey|persona_(production|sandbox)|pcsk|pina|polar_[a-z]+|prf|ramp_sec|rootly|rpa|rzp_(live|test)|samsara_api|tss|ucat|unkey|vtwn|waka|wandb_v1|xnd_(production|development)|zpka|packagist_[a-z]+|apk(_user)?|mergify_application_key|mercury_(production|sandbox)_[a-z]+|aact_(prod|hmlg)|tvly(-dev)?|fc|gcntfy-[a-z0-9_]+|api_live(_us|_ca)?|wrka[a-z]*|phc|key_live|whsk|sntr)[._-][A-Za-z0-9][A-Za-z0-9_=+/-]+|configcat-sdk-1/|cnvca|EXO|4b1d)'
# secrets: end

unread='ops guard: git failed' # a line in place of what git did not show

holds_secret() { # reads lines; 2 if git did not show all of them
    found=$(tr -d '\000' | LC_ALL=C grep -aE "^$unread\$|$hint" | LC_ALL=C grep -aoE "^$unread\$|$keys|$named|$words")
    [ -n "$found" ] || return 1
    case $eol$found$eol in *"$eol$unread$eol"*) return 2 ;; esac
    {
        printf '%s\n' "$found" | LC_ALL=C grep -aoE "$keys" | LC_ALL=C grep -avE "$plain"
        printf '%s\n' "$found" | LC_ALL=C grep -aoE "$named" | LC_ALL=C grep -avE "$harmless"
        printf '%s\n' "$found" | LC_ALL=C grep -aoE "$words" | LC_ALL=C grep -avE "$placeholders"
    } | grep -q .
}

new_message() { # of the commit at HEAD, if no remote has it
    printf '%s\n' "$seen" | while read -r _ new ref; do
        [ "$ref" != HEAD ] || git rev-list --max-count=1 "$new" --not --remotes | git cat-file --batch
    done
}

# Everything that a push of this object sends and its remote does not have: the text of commits, tags and notes, the
# lines that commits add, and whole files where a merge differs from all that it merges. Replacements and the clone's
# settings for display do not apply.
sent() { # SHA NOT...
    object=$1
    shift
    while [ "$(git cat-file -t "$object")" = tag ]; do
        git cat-file tag "$object"
        object=$(git cat-file tag "$object" | sed -n '1s/^object //p')
    done
    if [ "$(git cat-file -t "$object")" != commit ]; then
        git rev-list --objects "$object" | cut -d' ' -f1 | git cat-file --batch
        return
    fi
    git rev-list "$object" "$@" | git cat-file --batch
    git rev-list --no-merges "$object" "$@" |
        { git diff-tree --stdin -r --root -p -U0 --text --no-renames --no-ext-diff --no-textconv --no-color ||
            printf '+%s\n' "$unread"; } |
        LC_ALL=C sed -n 's/^+//p'
    git rev-list --merges "$object" "$@" | git diff-tree --stdin -r -c --no-renames |
        sed -n 's/^:.* \([0-9a-f]\{40,64\}\) [A-Z]*	.*/\1/p' | git cat-file --batch
}

is_unread() { # REF
    refuse "git cannot show what would be pushed to $1, so it has not been checked" "git diff-tree -p HEAD; git fsck"
}

pre_push() { # $seen: LOCAL SHA REMOTE SHA; $1 is the remote
    export GIT_NO_REPLACE_OBJECTS=1
    printf '%s\n' "$seen" | while read -r _ sha remote had; do
        case $remote in refs/heads/*) on_own_branch "${remote#refs/heads/}" ;; esac
        case $sha in *[!0]*) ;; *) continue ;; esac
        case $had in *[!0]*) git cat-file -e "$had^{commit}" 2>/dev/null || had='' ;; *) had='' ;; esac
        # shellcheck disable=SC2086
        git rev-list --objects "$sha" --not --remotes="$1" $had >/dev/null || is_unread "$remote"
        # shellcheck disable=SC2086
        sent "$sha" --not --remotes="$1" $had | holds_secret
        case $? in
        0)
            refuse "what looks like a login or a key would be pushed to $remote" \
                'take it out of the commits, their messages or the tag, and change it'
            ;;
        2) is_unread "$remote" ;;
        esac
    done
}

case $hook in
reference-transaction)
    ! new_message 2>/dev/null | holds_secret ||
        refuse 'what looks like a login or a key is in the message of the commit' 'git commit, with a message without it'
    ;;
pre-commit)
    ! printf '%s\n' "$diff" | LC_ALL=C sed -n 's/^+//p' | holds_secret ||
        refuse 'what looks like a login or a key is staged' 'take it out of the file, and stage it again'
    ;;
pre-push) pre_push "$@" || exit 1 ;;
esac
finish "$@"
