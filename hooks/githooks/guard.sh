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

has_others() { [ -x "$here/$hook.ops-kept" ] || { [ -n "$previous" ] && [ -x "$previous/$hook" ]; }; }

# A fetch of 1,000 refs calls this 2,000 times: no program is started before it is known to matter.
seen='' branches_move=''
if [ "$hook" = reference-transaction ] && [ "$1" = prepared ]; then
    while read -r old new ref; do
        seen="$seen$old $new $ref
"
        case $ref in refs/heads/* | HEAD) branches_move=1 ;; esac
    done
fi
[ "$hook" != reference-transaction ] || [ -n "$branches_move" ] || has_others || exit 0
seen=${seen%?}

refuse() { # REASON WAY
    printf 'ops guard: %s\nNext: %s\n' "$1" "$2" >&2
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
        refuse "$1 is protected: nobody works on it directly" "git switch -c ${branches%% *}, and bring the work along"
    fi
    [ -z "$branches" ] || matches "$1" "$branches" ||
        refuse "$1 is not a branch of the role $role" "use one of: $branches"
}

# Patterns of logins and keys for `grep -E`, matched against added lines only.
secret='sk-ant-[a-z]{3}[0-9]{2}-[A-Za-z0-9_-]{8,}|sk-(proj-|svcacct-|admin-)[A-Za-z0-9_-]{20,}|AIza[A-Za-z0-9_-]{30,}'
secret="$secret|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|(AKIA|ASIA)[A-Z0-9]{16}|xox[abprs]-[A-Za-z0-9-]{10,}"
secret="$secret|-----BEGIN [A-Z ]*PRIVATE KEY-----"

clean() { # reads a diff
    # shellcheck disable=SC2015
    LC_ALL=C grep -aEq "^[+].*($secret)" && return 1 || return 0
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
        "git switch -c ${branches%% *} keeps your work; git pull --ff-only follows origin"
}

reference_transaction() { # $seen: OLD NEW REF
    for branch in $protected; do
        case $seen in *" refs/heads/$branch"*) ;; *) continue ;; esac
        tracked=$(printf '%s\n' "$seen" | sed -n "s|^[0-9a-f]* \([0-9a-f]*\) refs/remotes/origin/$branch\$|\1|p")
        new=$(printf '%s\n' "$seen" | sed -n "s|^[0-9a-f]* \([0-9a-f]*\) refs/heads/$branch\$|\1|p" | tail -n 1)
        [ -z "$new" ] || moves "$new" "$branch" "$tracked"
    done
}

pre_commit() {
    ! branch=$(git symbolic-ref --short --quiet HEAD) || on_own_branch "$branch"
    git diff --cached --name-only --diff-filter=ACMR | while IFS= read -r file; do
        name=${file##*/}
        case $name in *.example | *.sample | *.template | *.dist) continue ;; esac
        ! matches "$name" "$private" ||
            refuse "$file holds logins or keys and is never committed" "git rm --cached '$file'"
    done || exit 1
    git diff --cached -U0 --no-ext-diff --no-textconv --no-color | clean ||
        refuse 'what looks like a login or a key is staged' 'take it out of the file, and stage it again'
}

pre_push() { # $seen: LOCAL SHA REMOTE SHA
    printf '%s\n' "$seen" | while read -r _ sha remote had; do
        case $remote in refs/heads/*) on_own_branch "${remote#refs/heads/}" ;; *) continue ;; esac
        case $sha in *[!0]*) ;; *) continue ;; esac
        range=$sha
        case $had in *[!0]*) ! git cat-file -e "$had" 2>/dev/null || range="$had..$sha" ;; esac
        git log -p -U0 --no-ext-diff --no-textconv --no-color --format= "$range" --not --remotes | clean ||
            refuse 'what looks like a login or a key is in a commit to be pushed' 'take it out of the commits, and change it'
    done
}

case $hook in
reference-transaction) [ -z "$branches_move" ] || reference_transaction ;;
pre-commit) pre_commit ;;
pre-push) seen=$(cat) && { pre_push || exit 1; } ;;
esac

case $0 in *.legacy) exit 0 ;; esac # the program that renamed it runs the other hooks
for next in "$here/$hook.ops-kept" "${previous:+$previous/$hook}"; do
    [ -n "$next" ] && [ -x "$next" ] || continue
    if [ -n "$seen" ]; then
        printf '%s\n' "$seen" | "$next" "$@" || exit
    else
        "$next" "$@" || exit
    fi
done
