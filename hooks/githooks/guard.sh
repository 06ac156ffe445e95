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
seen='' branches_move='' eol='
'
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

# Rendered from mcp_server/kernel/secrets by `ops docs render`.
# secrets: begin
keys='sk-ant-[a-z]{2,10}[0-9]{2}-[A-Za-z0-9_-]{6,}|gh[pousr]_[A-Za-z0-9]{10,}|github_pat_[A-Za-z0-9_]{10,}|-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|b3BlbnNzaC1rZXktdjE[A-Za-z0-9_+/=]*|PuTTY-User-Key-File-[0-9]|AGE-SECRET-KEY-1[A-Za-z0-9]{10,}|(hooks[.]slack[.]com|hooks[.]slack-gov[.]com)/(services|workflows|triggers)/[A-Za-z0-9_/+-]{16,}|discord(app)?[.]com/api/(v[0-9]+/)?webhooks/[0-9]{8,}/[A-Za-z0-9_-]{16,}|webhook[.]office[.]com/webhookb2/[A-Za-z0-9_@/-]{30,}|hooks[.]zapier[.]com/hooks/catch/[0-9]+/[A-Za-z0-9_]+|api[.]telegram[.]org/(file/)?bot[0-9]{6,}:[A-Za-z0-9_-]{10,}|(AccountKey|SharedAccessKey|SharedAccessSignature|SharedSecretValue)=[A-Za-z0-9_+/=%.& -]{16,}|xkeysib-[0-9a-f]{16,}|xsmtpsib-[0-9a-f]{16,}|[A-Za-z0-9]{14}[.]atlasv1[.][A-Za-z0-9_=-]{10,}|(^|[^A-Za-z0-9_]|[\][nrt])(eyJ[A-Za-z0-9_-]{10,}[.][A-Za-z0-9_-]{8,}[A-Za-z0-9_.-]*|sk-(proj|svcacct|admin|None|service|or-v1|lf|litellm)-[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9_-]{0,30}T3BlbkFJ[A-Za-z0-9]{4,}|sk-[A-Za-z0-9]{20,}|sess-[A-Za-z0-9]{40}|csk-[A-Za-z0-9]{20,}|(xai|gsk|pplx|nvapi|fw|tgp_v1|r8|hf|api_org|jina|voyage|pa|ak)[_-][A-Za-z0-9][A-Za-z0-9_-]{19,}|lsv2_(pt|sk)_[0-9a-f]{16,}|sk_[0-9a-f]{40,}|AIza[A-Za-z0-9_-]{20,}|ya29[.][A-Za-z0-9_-]{16,}|1//0[A-Za-z0-9_-]{20,}|4/0A[A-Za-z0-9_-]{30,}|GOCSPX-[A-Za-z0-9_-]{10,}|AQ[.]A[A-Za-z0-9_-]{30,}|(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{10,16}|ABSK[A-Za-z0-9_+/=]{40,}|bedrock-api-key-[A-Za-z0-9_+/=]{20,}|amzn[.]mws[.][A-Za-z0-9_-]{20,}|[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{20,}|(LTAI|AKID)[A-Za-z0-9]{12,}|do[oprt]_v1_[0-9a-f]{16,}|fo1_[A-Za-z0-9_-]{16,}|fm[12][abcdr]?_[A-Za-z0-9_+/=,-]{16,}|HRKU-[A-Za-z0-9_-]{16,}|(rnd|nfp|napi|vc[piakr]|sbp|pul|cfut|cfat|cfk|rwsk|koyeb)[_-][A-Za-z0-9]{16,}|v1[.]0-[0-9a-f]{24}-[0-9a-f]{16,}|sb_secret_[A-Za-z0-9_-]{16,}|pscale_(tkn|pw|oauth)_[A-Za-z0-9_.=-]{16,}|tskey-[a-z]+-[A-Za-z0-9_-]{10,}|sha256~[A-Za-z0-9_-]{30,}|gl(pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct|wt)-[A-Za-z0-9_.-]{10,}|GR1348941[A-Za-z0-9_-]{16,}|_gitlab_session=[A-Za-z0-9_]{16,}|npm_[A-Za-z0-9]{16,}|pypi-Ag[A-Za-z0-9_-]{10,}|pypi-[A-Za-z0-9_-]{50,}|rubygems_[0-9a-f]{16,}|CLOJARS_[a-z0-9]{20,}|cio[A-Za-z0-9]{32}|oy2[a-z0-9]{43}|dckr_(pat|oat)_[A-Za-z0-9_-]{10,}|AKCp[A-Za-z0-9]{30,}|cmVmdGtuO[A-Za-z0-9]{16,}|dp[.](pt|st|ct|sa|scim|audit|said)[.][A-Za-z0-9_.-]{16,}|bk(ua|at)_[0-9a-f]{16,}|CCI(PAT|PRJ)_[A-Za-z0-9_]{16,}|sgp_[A-Za-z0-9_]{20,}|ATATT3[A-Za-z0-9_=-]{16,}|ATCTT3[A-Za-z0-9_=-]{16,}|ATBB[A-Za-z0-9_]{20,}|ATTA[0-9a-f]{30,}|BBDC-[A-Za-z0-9_+/=]{20,}|sq[aup]_[0-9a-f]{30,}|snyk_[a-z]{3}[.][A-Za-z0-9_.-]{16,}|tfp_[A-Za-z0-9_-]{30,}|figd_[A-Za-z0-9_-]{16,}|PMAK-[0-9a-f-]{16,}|pat[A-Za-z0-9]{14}[.][0-9a-f]{20,}|xox[abceprs]-[A-Za-z0-9_-]{8,}|xox[be][.]xox[bp]-[A-Za-z0-9_-]{8,}|xapp-[0-9]-[A-Za-z0-9_-]{8,}|[MNO][A-Za-z0-9_-]{22,27}[.][A-Za-z0-9_-]{6}[.][A-Za-z0-9_-]{20,}|[0-9]{8,10}:[A-Za-z0-9_-]{34,36}|SK[0-9a-f]{32}|SG[.][A-Za-z0-9_-]{10,}[.][A-Za-z0-9_-]{10,}|SG[.][A-Za-z0-9_-]{20,}|key-[0-9a-f]{32}|[0-9a-f]{32}-us[0-9]{1,2}|mlsn[.][0-9a-f]{30,}|re_[A-Za-z0-9]{6,}_?[A-Za-z0-9]{14,}|(sk|rk)_(live|test|prod)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9_+/=-]{16,}|shp(at|ss|ca|pa|tka)_[0-9A-Fa-f]{16,}|sq0[a-z]{3}-[A-Za-z0-9_-]{16,}|EAAA[A-Za-z0-9_-]{50,}|access_token[$]production[$][0-9a-z]{10,}[$][0-9a-f]{16,}|EZ[AT]K[A-Za-z0-9]{40,}|FLWSECK(_TEST)?-[A-Za-z0-9_-]{12,}|EAA[A-Za-z0-9]{60,}|lip_[A-Za-z0-9_]{20,}|hv[sbr][.][A-Za-z0-9_-]{10,}|s[.][A-Za-z0-9]{24}|ops_[A-Za-z0-9_-]{40,}|A3-[A-Z0-9]{6}-[A-Z0-9]{5,6}-[A-Z0-9-]{16,}|gl(sa|c)_[A-Za-z0-9_+/=]{16,}|NR(AK|JS|II|RA|SP|BR)-[A-Za-z0-9-]{16,}|sntry[su]_[A-Za-z0-9_+/=-]{16,}|dt0[a-z][0-9]{2}[.][A-Z0-9]{24}[.][A-Z0-9]{16,}|lin_(api|oauth)_[A-Za-z0-9]{16,}|ntn_[A-Za-z0-9]{16,}|secret_[A-Za-z0-9]{40,}|PRIVATE-TOKEN:?[ ]+[A-Za-z0-9_.-]{12,}|SSWS[ ]+[A-Za-z0-9_-]{20,}|sl[.](u[.])?[A-Za-z0-9_-]{60,}|CFPAT-[A-Za-z0-9_-]{20,}|[01]/[0-9]{16}[:/][0-9a-f]{32}|dapi[0-9a-f]{30,}|dnkey-[A-Za-z0-9_-]{30,}|p8e-[a-z0-9]{30,}|ico-[A-Za-z0-9]{30,}|s-s4t2(ud|af)-[0-9a-f]{30,}|tk-us-[A-Za-z0-9_]{30,}|(duffel|shippo)_(test|live)_[A-Za-z0-9_-]{30,}|fio-u-[A-Za-z0-9_=-]{30,}|sm_[aps]at_[A-Za-z0-9]{16,}|rdme_[a-z0-9]{30,}|pnu_[A-Za-z0-9]{30,}|access-(sandbox|development|production)-[0-9a-f-]{30,}|API-[A-Z0-9]{26}|[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk|phx_[A-Za-z0-9]{30,}|pk_[0-9]{6,}_[A-Z0-9]{20,}|pat-(na|eu)[0-9]-[0-9a-f-]{30,}|sk[.]eyJ[A-Za-z0-9_.-]{20,})'
named='([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Tt]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll][Ss]?|_[Aa][Uu][Tt][Hh]|[_-][Pp][Aa][Ss][Ss]|[_-][Pp][Aa][Tt]|[_-][Ss][Aa][Ll][Tt]|([Aa][Pp][Ii]|[Aa][Pp][Pp]|[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]|[Aa][Cc][Cc][Ee][Ss][Ss]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Rr][Ii][Vv][Aa][Tt][Ee]|[Ss][Ii][Gg][Nn][Ii][Nn][Gg]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ii][Oo][Nn]|[Mm][Aa][Ss][Tt][Ee][Rr]|[Ll][Ii][Cc][Ee][Nn][Ss][Ee]|[Ss][Ee][Rr][Vv][Ii][Cc][Ee]|[Cc][Oo][Nn][Ss][Uu][Mm][Ee][Rr]|[Dd][Ee][Pp][Ll][Oo][Yy]|[Rr][Oo][Uu][Tt][Ii][Nn][Gg]|[Ii][Nn][Tt][Ee][Gg][Rr][Aa][Tt][Ii][Oo][Nn]|[Ss][Hh][Aa][Rr][Ee][Dd]|[Ss][Uu][Bb][Ss][Cc][Rr][Ii][Pp][Tt][Ii][Oo][Nn]|[Aa][Dd][Mm][Ii][Nn]|[Jj][Ww][Tt]|[Ww][Ee][Bb][Hh][Oo][Oo][Kk]|[Hh][Mm][Aa][Cc]|[Ii][Nn][Gg][Ee][Ss][Tt]|[Ww][Rr][Ii][Tt][Ee])[ _.-]?[Kk][Ee][Yy]|[Ss][Ee][Cc][Rr][Ee][Tt][_-]?([Aa][Cc][Cc][Ee][Ss][Ss][_-]?)?[Kk][Ee][Yy]([_-]?[Bb][Aa][Ss][Ee])?|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][_-]?[Ss][Tt][Rr][Ii][Nn][Gg])[0-9]{0,2}([_-]([Pp][Rr][Oo][Dd]|[Dd][Ee][Vv]|[Tt][Ee][Ss][Tt]|[Ll][Ii][Vv][Ee]|[Ss][Tt][Aa][Gg][Ii][Nn][Gg]|[Mm][Aa][Ii][Nn]|[Oo][Ll][Dd]|[Nn][Ee][Ww]|[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Bb][Aa][Ss][Ee]|[0-9]{1,2}))?[\]?["'"'"']?[]]?[ [:blank:]]*(=|:|:=|=>|%3[Dd])[ [:blank:]]*[\]?["'"'"'][^"'"'"'[:space:]\][^"'"'"'\]{3,}|([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Tt]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll][Ss]?|_[Aa][Uu][Tt][Hh]|[_-][Pp][Aa][Ss][Ss]|[_-][Pp][Aa][Tt]|[_-][Ss][Aa][Ll][Tt]|([Aa][Pp][Ii]|[Aa][Pp][Pp]|[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]|[Aa][Cc][Cc][Ee][Ss][Ss]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Rr][Ii][Vv][Aa][Tt][Ee]|[Ss][Ii][Gg][Nn][Ii][Nn][Gg]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ii][Oo][Nn]|[Mm][Aa][Ss][Tt][Ee][Rr]|[Ll][Ii][Cc][Ee][Nn][Ss][Ee]|[Ss][Ee][Rr][Vv][Ii][Cc][Ee]|[Cc][Oo][Nn][Ss][Uu][Mm][Ee][Rr]|[Dd][Ee][Pp][Ll][Oo][Yy]|[Rr][Oo][Uu][Tt][Ii][Nn][Gg]|[Ii][Nn][Tt][Ee][Gg][Rr][Aa][Tt][Ii][Oo][Nn]|[Ss][Hh][Aa][Rr][Ee][Dd]|[Ss][Uu][Bb][Ss][Cc][Rr][Ii][Pp][Tt][Ii][Oo][Nn]|[Aa][Dd][Mm][Ii][Nn]|[Jj][Ww][Tt]|[Ww][Ee][Bb][Hh][Oo][Oo][Kk]|[Hh][Mm][Aa][Cc]|[Ii][Nn][Gg][Ee][Ss][Tt]|[Ww][Rr][Ii][Tt][Ee])[ _.-]?[Kk][Ee][Yy]|[Ss][Ee][Cc][Rr][Ee][Tt][_-]?([Aa][Cc][Cc][Ee][Ss][Ss][_-]?)?[Kk][Ee][Yy]([_-]?[Bb][Aa][Ss][Ee])?|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][_-]?[Ss][Tt][Rr][Ii][Nn][Gg])[0-9]{0,2}([_-]([Pp][Rr][Oo][Dd]|[Dd][Ee][Vv]|[Tt][Ee][Ss][Tt]|[Ll][Ii][Vv][Ee]|[Ss][Tt][Aa][Gg][Ii][Nn][Gg]|[Mm][Aa][Ii][Nn]|[Oo][Ll][Dd]|[Nn][Ee][Ww]|[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Bb][Aa][Ss][Ee]|[0-9]{1,2}))?[\]?["'"'"']?[]]?[ [:blank:]]*(=|:|:=|=>|%3[Dd])[ [:blank:]]*[^[:space:]"'"'"'`,;&<>()|\]{5,}|--[A-Za-z0-9_-]*([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Tt]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll][Ss]?|_[Aa][Uu][Tt][Hh]|[_-][Pp][Aa][Ss][Ss]|[_-][Pp][Aa][Tt]|[_-][Ss][Aa][Ll][Tt]|([Aa][Pp][Ii]|[Aa][Pp][Pp]|[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]|[Aa][Cc][Cc][Ee][Ss][Ss]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Rr][Ii][Vv][Aa][Tt][Ee]|[Ss][Ii][Gg][Nn][Ii][Nn][Gg]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ii][Oo][Nn]|[Mm][Aa][Ss][Tt][Ee][Rr]|[Ll][Ii][Cc][Ee][Nn][Ss][Ee]|[Ss][Ee][Rr][Vv][Ii][Cc][Ee]|[Cc][Oo][Nn][Ss][Uu][Mm][Ee][Rr]|[Dd][Ee][Pp][Ll][Oo][Yy]|[Rr][Oo][Uu][Tt][Ii][Nn][Gg]|[Ii][Nn][Tt][Ee][Gg][Rr][Aa][Tt][Ii][Oo][Nn]|[Ss][Hh][Aa][Rr][Ee][Dd]|[Ss][Uu][Bb][Ss][Cc][Rr][Ii][Pp][Tt][Ii][Oo][Nn]|[Aa][Dd][Mm][Ii][Nn]|[Jj][Ww][Tt]|[Ww][Ee][Bb][Hh][Oo][Oo][Kk]|[Hh][Mm][Aa][Cc]|[Ii][Nn][Gg][Ee][Ss][Tt]|[Ww][Rr][Ii][Tt][Ee])[ _.-]?[Kk][Ee][Yy]|[Ss][Ee][Cc][Rr][Ee][Tt][_-]?([Aa][Cc][Cc][Ee][Ss][Ss][_-]?)?[Kk][Ee][Yy]([_-]?[Bb][Aa][Ss][Ee])?|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][_-]?[Ss][Tt][Rr][Ii][Nn][Gg]|[Pp][Aa][Ss][Ss])([ [:blank:]]+|=)["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]{5,}|[Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn][\]?["'"'"']?[]]?[ [:blank:]]*(=|:|:=|=>|%3[Dd])[ [:blank:]]*["'"'"']?([Bb][Aa][Ss][Ii][Cc]|[Bb][Ee][Aa][Rr][Ee][Rr]|[Tt][Oo][Kk][Ee][Nn]|[Dd][Ii][Gg][Ee][Ss][Tt]|[Aa][Pp][Ii][Kk][Ee][Yy]|[Aa][Pp][Ii]-[Kk][Ee][Yy]|[Bb][Oo][Tt]|[Kk][Ee][Yy]|[Ss][Pp][Ll][Uu][Nn][Kk])[ [:blank:]]+[^[:space:]"'"'"'`,;&<>()|\]{6,}|[Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn][\]?["'"'"']?[]]?[ [:blank:]]*(=|:|:=|=>|%3[Dd])[ [:blank:]]*["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]{12,}|(^|[^A-Za-z0-9_])[Bb][Ee][Aa][Rr][Ee][Rr][ [:blank:]]+[A-Za-z0-9_.~+/=-]{12,}|(^|[^A-Za-z0-9_])[Bb][Aa][Ss][Ii][Cc][ [:blank:]]+[A-Za-z0-9+/]{12,}={0,2}|[Cc][Oo][Oo][Kk][Ii][Ee][\]?["'"'"']?[]]?[ [:blank:]]*(=|:|:=|=>|%3[Dd])[ [:blank:]]*["'"'"']?[A-Za-z0-9_.-]+=[^"'"'"'[:space:];]{8,}([^"'"'"'[:space:]]|; )*|([Ll][Oo][Gg][Ii][Nn]|[Uu][Ss][Ee][Rr]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt])[ [:blank:]]+[^[:space:]]+[ [:blank:]]+([Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]|[Pp][Aa][Ss][Ss][Ww][Dd])[ [:blank:]]+[^[:space:]]{4,}|^[ [:blank:]]*([Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]|[Pp][Aa][Ss][Ss][Ww][Dd])[ [:blank:]]+[^[:space:]]{6,}|([Cc][Uu][Rr][Ll]|[Hh][Tt][Tt][Pp]|[Hh][Tt][Tt][Pp][Ss]|[Xx][Hh]|[Ww][Gg][Ee][Tt])[ [:blank:]]([^]*[ [:blank:]])?(-[Uu]|--[Uu][Ss][Ee][Rr]|-[Uu]|--[Pp][Rr][Oo][Xx][Yy]-[Uu][Ss][Ee][Rr])[ [:blank:]=]*["'"'"']?[^[:space:]:"'"'"']+:[^[:space:]"'"'"']{3,}|([Mm][Yy][Ss][Qq][Ll]|[Mm][Aa][Rr][Ii][Aa][Dd][Bb]|[Mm][Yy][Ss][Qq][Ll][Dd][Uu][Mm][Pp]|[Mm][Yy][Ss][Qq][Ll][Aa][Dd][Mm][Ii][Nn])[ [:blank:]]([^|;]*[ [:blank:]])?-[Pp]["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]{5,}|([Ss][Ss][Hh][Pp][Aa][Ss][Ss]|[Dd][Oo][Cc][Kk][Ee][Rr] [Ll][Oo][Gg][Ii][Nn]|[Pp][Oo][Dd][Mm][Aa][Nn] [Ll][Oo][Gg][Ii][Nn]|[Rr][Ee][Dd][Ii][Ss]-[Cc][Ll][Ii]|[Mm][Oo][Nn][Gg][Oo][Ss][Hh]?)[ [:blank:]]([^|;]*[ [:blank:]])?-[pa][ [:blank:]]*["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]{6,}|([Pp][Aa][Ss][Ss][Ii][Nn]|[Pp][Aa][Ss][Ss][Oo][Uu][Tt]|[Pp][Aa][Ss][Ss])[ [:blank:]=][Pp][Aa][Ss][Ss]:[^[:space:]"'"'"'`,;&<>()|\]{4,}|([Ii][Dd][Ee][Nn][Tt][Ii][Ff][Ii][Ee][Dd] [Bb][Yy]|[Ww][Ii][Tt][Hh] [Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ee][Dd] [Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd])[ [:blank:]]+["'"'"'][^"'"'"'[:space:]]{4,}|[?&;]([Kk][Ee][Yy]|[Ss][Ii][Gg]|[Ss][Ii][Gg][Nn][Aa][Tt][Uu][Rr][Ee]|[Cc][Oo][Dd][Ee]|[Aa][Uu][Tt][Hh]|[Xx]-[Aa][Mm][Zz]-[Ss][Ii][Gg][Nn][Aa][Tt][Uu][Rr][Ee]|[Xx]-[Aa][Mm][Zz]-[Ss][Ee][Cc][Uu][Rr][Ii][Tt][Yy]-[Tt][Oo][Kk][Ee][Nn]|[Xx]-[Gg][Oo][Oo][Gg]-[Ss][Ii][Gg][Nn][Aa][Tt][Uu][Rr][Ee]|[Aa][Pp][Ii][Kk][Ee][Yy]|[Pp][Ww]|[Pp][Aa][Ss][Ss]|[Ss][Ii][Dd])=[A-Za-z0-9_%+/=.~-]{10,}|[a-z0-9+.-]://[^[:space:]/:@?#"'"'"'<>`]*:[^[:space:]/"'"'"'<>`]+@|[a-z0-9+.-]://[A-Za-z0-9_-]{20,128}@|([Rr][Ee][Dd][Ii][Ss]|[Rr][Ee][Dd][Ii][Ss][Ss]|[Aa][Mm][Qq][Pp][Ss]?|[Pp][Oo][Ss][Tt][Gg][Rr][Ee][Ss]|[Pp][Oo][Ss][Tt][Gg][Rr][Ee][Ss][Qq][Ll]|[Mm][Yy][Ss][Qq][Ll]|[Mm][Oo][Nn][Gg][Oo][Dd][Bb])://[^[:space:]/:@?#"'"'"'<>`]*:[^[:space:]"'"'"'<>`]+@'
plain='(^|[^A-Za-z0-9_])(sk-|s[.]|SG[.])[^0-9]*$|(^|[^A-Za-z0-9_])(sk-(proj|admin|service|svcacct|lf)|xox[a-z]|fw|hf|pa|ak|rnd|pul|re|ops|[0-9]{8,10})[:_-](([a-z]+[0-9]{0,2}|[0-9]{1,4}[a-z]?)[_-])+([a-z]+[0-9]{0,2}|[0-9]{1,4}[a-z]?)$|AKIA[A-Z0-9]*EXAMPLE|[/]T?[X0]+[/]B?[X0]+[/][xX]+|(^|[^A-Za-z0-9_])[0-9]{8,10}:[^0-9]*$|atlasv1[.][^0-9]*$'
harmless='^[^=:]*(=|:|:=|=>|%3D)[ [:blank:]]*[\"'"'"'[{]*((none|null|nil|true|false|undefined|required|optional|string|unset|empty|missing|redacted|masked|hidden|changeme|password[0-9]{0,3}!?|passwd|secret|token|pass|pw|username|user|postgres|root|admin|guest|todo|tbd|foo|bar|n/a|NONE|NULL|NIL|TRUE|FALSE|UNDEFINED|REQUIRED|OPTIONAL|STRING|UNSET|EMPTY|MISSING|REDACTED|MASKED|HIDDEN|CHANGEME|PASSWORD[0-9]{0,3}!?|PASSWD|SECRET|TOKEN|PASS|PW|USERNAME|USER|POSTGRES|ROOT|ADMIN|GUEST|TODO|TBD|FOO|BAR|N/A)|([Yy]our|YOUR|my|the|insert|INSERT|replace|REPLACE|enter)[ _-]?[A-Za-z _.-]*[0-9]{0,2}|([Ee]xample|EXAMPLE|sample|dummy|DUMMY|fake|FAKE|change-?_?me|CHANGE_?ME|placeholder|PLACEHOLDER|test)[A-Za-z0-9_.-]{0,16}|[$][A-Za-z_({].*|[{<%]+[ ]?[A-Za-z_(.].*|@[A-Za-z_/][A-Za-z0-9_./-]*|[A-Za-z0-9_-]*([.]{3}|[*]{3}|xxx|XXX|…).*|[*xX#_.-]+|[[](redacted|REDACTED|secret|hidden|masked)[ A-Za-z0-9_]*[]]?.*|[~.]{0,2}/[a-z0-9._/-]*|[a-z0-9+]+://[^:@?=]*|(env|file|vault|ref|ssm):[A-Za-z/_.-]*|arn:[A-Za-z0-9_:/*-]*|[A-Za-z0-9_./-]+[.](md|py|json|ya?ml|toml|txt|env|sh|js|ts|pem|key|html?|conf|ini|cfg|log|go|rs|enc|gpg|age)|ENC[[].*|(id|src|type|name|env|from|file)=.*|[!&*][A-Za-z_].*|[A-Za-z_.]+[[(][A-Za-z0-9_ |,.:[]*[])]?|#[0-9A-Fa-f]{6}|[(][?].*|[[]\[^]?[0-9A-Za-z]-.*|[A-Z]{2,5}([A-Z][a-z]+)+|_*[A-Za-z_]+[0-9]{0,5}([.][A-Z]?[a-z_]+[0-9]{0,5}([A-Z][a-z]+)*|[.][A-Z]{2,5}([A-Z][a-z]+)+)+|[A-Z]?[a-z]+([ ]+[a-z]+[,.]?)*|_*[a-z]+([_./:-]+[a-z]+)*[][{.?!:*]*|[_]*[A-Z]+(_[A-Z]+)+[][]?|[A-Z]{4,12}|([a-z]+[.])*_*[a-z]*([A-Z][a-z]+)+([.]_*[a-z]*([A-Z]?[a-z]+)*)*[][}]*.{0,1}|[a-z_]+([.][a-z_0-9]+)+[][]?|[a-z]+_[a-z_0-9]+[][]?|[0-9.,_]{1,7}[a-z%]?|v?[0-9]+[.][0-9]+[.][0-9.]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*)[\"'"'"'@.,!?]*$|^.?://[^[:space:]/:@]*:[\"'"'"'[{]*((none|null|nil|true|false|undefined|required|optional|string|unset|empty|missing|redacted|masked|hidden|changeme|password[0-9]{0,3}!?|passwd|secret|token|pass|pw|username|user|postgres|root|admin|guest|todo|tbd|foo|bar|n/a|NONE|NULL|NIL|TRUE|FALSE|UNDEFINED|REQUIRED|OPTIONAL|STRING|UNSET|EMPTY|MISSING|REDACTED|MASKED|HIDDEN|CHANGEME|PASSWORD[0-9]{0,3}!?|PASSWD|SECRET|TOKEN|PASS|PW|USERNAME|USER|POSTGRES|ROOT|ADMIN|GUEST|TODO|TBD|FOO|BAR|N/A)|([Yy]our|YOUR|my|the|insert|INSERT|replace|REPLACE|enter)[ _-]?[A-Za-z _.-]*[0-9]{0,2}|([Ee]xample|EXAMPLE|sample|dummy|DUMMY|fake|FAKE|change-?_?me|CHANGE_?ME|placeholder|PLACEHOLDER|test)[A-Za-z0-9_.-]{0,16}|[$][A-Za-z_({].*|[{<%]+[ ]?[A-Za-z_(.].*|@[A-Za-z_/][A-Za-z0-9_./-]*|[A-Za-z0-9_-]*([.]{3}|[*]{3}|xxx|XXX|…).*|[*xX#_.-]+|[[](redacted|REDACTED|secret|hidden|masked)[ A-Za-z0-9_]*[]]?.*|[~.]{0,2}/[a-z0-9._/-]*|[a-z0-9+]+://[^:@?=]*|(env|file|vault|ref|ssm):[A-Za-z/_.-]*|arn:[A-Za-z0-9_:/*-]*|[A-Za-z0-9_./-]+[.](md|py|json|ya?ml|toml|txt|env|sh|js|ts|pem|key|html?|conf|ini|cfg|log|go|rs|enc|gpg|age)|ENC[[].*|(id|src|type|name|env|from|file)=.*|[!&*][A-Za-z_].*|[A-Za-z_.]+[[(][A-Za-z0-9_ |,.:[]*[])]?|#[0-9A-Fa-f]{6}|[(][?].*|[[]\[^]?[0-9A-Za-z]-.*|[A-Z]{2,5}([A-Z][a-z]+)+|_*[A-Za-z_]+[0-9]{0,5}([.][A-Z]?[a-z_]+[0-9]{0,5}([A-Z][a-z]+)*|[.][A-Z]{2,5}([A-Z][a-z]+)+)+|[A-Z]?[a-z]+([ ]+[a-z]+[,.]?)*|_*[a-z]+([_./:-]+[a-z]+)*[][{.?!:*]*|[_]*[A-Z]+(_[A-Z]+)+[][]?|[A-Z]{4,12}|([a-z]+[.])*_*[a-z]*([A-Z][a-z]+)+([.]_*[a-z]*([A-Z]?[a-z]+)*)*[][}]*.{0,1}|[a-z_]+([.][a-z_0-9]+)+[][]?|[a-z]+_[a-z_0-9]+[][]?|[0-9.,_]{1,7}[a-z%]?|v?[0-9]+[.][0-9]+[.][0-9.]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*)[\"'"'"'@.,!?]*$|^[a-z]+://[^[:space:]/:@]*:[\"'"'"'[{]*((none|null|nil|true|false|undefined|required|optional|string|unset|empty|missing|redacted|masked|hidden|changeme|password[0-9]{0,3}!?|passwd|secret|token|pass|pw|username|user|postgres|root|admin|guest|todo|tbd|foo|bar|n/a|NONE|NULL|NIL|TRUE|FALSE|UNDEFINED|REQUIRED|OPTIONAL|STRING|UNSET|EMPTY|MISSING|REDACTED|MASKED|HIDDEN|CHANGEME|PASSWORD[0-9]{0,3}!?|PASSWD|SECRET|TOKEN|PASS|PW|USERNAME|USER|POSTGRES|ROOT|ADMIN|GUEST|TODO|TBD|FOO|BAR|N/A)|([Yy]our|YOUR|my|the|insert|INSERT|replace|REPLACE|enter)[ _-]?[A-Za-z _.-]*[0-9]{0,2}|([Ee]xample|EXAMPLE|sample|dummy|DUMMY|fake|FAKE|change-?_?me|CHANGE_?ME|placeholder|PLACEHOLDER|test)[A-Za-z0-9_.-]{0,16}|[$][A-Za-z_({].*|[{<%]+[ ]?[A-Za-z_(.].*|@[A-Za-z_/][A-Za-z0-9_./-]*|[A-Za-z0-9_-]*([.]{3}|[*]{3}|xxx|XXX|…).*|[*xX#_.-]+|[[](redacted|REDACTED|secret|hidden|masked)[ A-Za-z0-9_]*[]]?.*|[~.]{0,2}/[a-z0-9._/-]*|[a-z0-9+]+://[^:@?=]*|(env|file|vault|ref|ssm):[A-Za-z/_.-]*|arn:[A-Za-z0-9_:/*-]*|[A-Za-z0-9_./-]+[.](md|py|json|ya?ml|toml|txt|env|sh|js|ts|pem|key|html?|conf|ini|cfg|log|go|rs|enc|gpg|age)|ENC[[].*|(id|src|type|name|env|from|file)=.*|[!&*][A-Za-z_].*|[A-Za-z_.]+[[(][A-Za-z0-9_ |,.:[]*[])]?|#[0-9A-Fa-f]{6}|[(][?].*|[[]\[^]?[0-9A-Za-z]-.*|[A-Z]{2,5}([A-Z][a-z]+)+|_*[A-Za-z_]+[0-9]{0,5}([.][A-Z]?[a-z_]+[0-9]{0,5}([A-Z][a-z]+)*|[.][A-Z]{2,5}([A-Z][a-z]+)+)+|[A-Z]?[a-z]+([ ]+[a-z]+[,.]?)*|_*[a-z]+([_./:-]+[a-z]+)*[][{.?!:*]*|[_]*[A-Z]+(_[A-Z]+)+[][]?|[A-Z]{4,12}|([a-z]+[.])*_*[a-z]*([A-Z][a-z]+)+([.]_*[a-z]*([A-Z]?[a-z]+)*)*[][}]*.{0,1}|[a-z_]+([.][a-z_0-9]+)+[][]?|[a-z]+_[a-z_0-9]+[][]?|[0-9.,_]{1,7}[a-z%]?|v?[0-9]+[.][0-9]+[.][0-9.]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*)[\"'"'"'@.,!?]*$|://[A-Za-z_-]*@$|^.*[ [:blank:]](-u|--user|-U|--proxy-user|-p|-a)[ [:blank:]=]*["'"'"']?([^[:space:]:]*:)?[\"'"'"'[{]*((none|null|nil|true|false|undefined|required|optional|string|unset|empty|missing|redacted|masked|hidden|changeme|password[0-9]{0,3}!?|passwd|secret|token|pass|pw|username|user|postgres|root|admin|guest|todo|tbd|foo|bar|n/a|NONE|NULL|NIL|TRUE|FALSE|UNDEFINED|REQUIRED|OPTIONAL|STRING|UNSET|EMPTY|MISSING|REDACTED|MASKED|HIDDEN|CHANGEME|PASSWORD[0-9]{0,3}!?|PASSWD|SECRET|TOKEN|PASS|PW|USERNAME|USER|POSTGRES|ROOT|ADMIN|GUEST|TODO|TBD|FOO|BAR|N/A)|([Yy]our|YOUR|my|the|insert|INSERT|replace|REPLACE|enter)[ _-]?[A-Za-z _.-]*[0-9]{0,2}|([Ee]xample|EXAMPLE|sample|dummy|DUMMY|fake|FAKE|change-?_?me|CHANGE_?ME|placeholder|PLACEHOLDER|test)[A-Za-z0-9_.-]{0,16}|[$][A-Za-z_({].*|[{<%]+[ ]?[A-Za-z_(.].*|@[A-Za-z_/][A-Za-z0-9_./-]*|[A-Za-z0-9_-]*([.]{3}|[*]{3}|xxx|XXX|…).*|[*xX#_.-]+|[[](redacted|REDACTED|secret|hidden|masked)[ A-Za-z0-9_]*[]]?.*|[~.]{0,2}/[a-z0-9._/-]*|[a-z0-9+]+://[^:@?=]*|(env|file|vault|ref|ssm):[A-Za-z/_.-]*|arn:[A-Za-z0-9_:/*-]*|[A-Za-z0-9_./-]+[.](md|py|json|ya?ml|toml|txt|env|sh|js|ts|pem|key|html?|conf|ini|cfg|log|go|rs|enc|gpg|age)|ENC[[].*|(id|src|type|name|env|from|file)=.*|[!&*][A-Za-z_].*|[A-Za-z_.]+[[(][A-Za-z0-9_ |,.:[]*[])]?|#[0-9A-Fa-f]{6}|[(][?].*|[[]\[^]?[0-9A-Za-z]-.*|[A-Z]{2,5}([A-Z][a-z]+)+|_*[A-Za-z_]+[0-9]{0,5}([.][A-Z]?[a-z_]+[0-9]{0,5}([A-Z][a-z]+)*|[.][A-Z]{2,5}([A-Z][a-z]+)+)+|[A-Z]?[a-z]+([ ]+[a-z]+[,.]?)*|_*[a-z]+([_./:-]+[a-z]+)*[][{.?!:*]*|[_]*[A-Z]+(_[A-Z]+)+[][]?|[A-Z]{4,12}|([a-z]+[.])*_*[a-z]*([A-Z][a-z]+)+([.]_*[a-z]*([A-Z]?[a-z]+)*)*[][}]*.{0,1}|[a-z_]+([.][a-z_0-9]+)+[][]?|[a-z]+_[a-z_0-9]+[][]?|[0-9.,_]{1,7}[a-z%]?|v?[0-9]+[.][0-9]+[.][0-9.]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*)[\"'"'"'@.,!?]*$|^(--[A-Za-z0-9_-]+|.*[ [:blank:]]password|password)[ [:blank:]]+[\"'"'"'[{]*((none|null|nil|true|false|undefined|required|optional|string|unset|empty|missing|redacted|masked|hidden|changeme|password[0-9]{0,3}!?|passwd|secret|token|pass|pw|username|user|postgres|root|admin|guest|todo|tbd|foo|bar|n/a|NONE|NULL|NIL|TRUE|FALSE|UNDEFINED|REQUIRED|OPTIONAL|STRING|UNSET|EMPTY|MISSING|REDACTED|MASKED|HIDDEN|CHANGEME|PASSWORD[0-9]{0,3}!?|PASSWD|SECRET|TOKEN|PASS|PW|USERNAME|USER|POSTGRES|ROOT|ADMIN|GUEST|TODO|TBD|FOO|BAR|N/A)|([Yy]our|YOUR|my|the|insert|INSERT|replace|REPLACE|enter)[ _-]?[A-Za-z _.-]*[0-9]{0,2}|([Ee]xample|EXAMPLE|sample|dummy|DUMMY|fake|FAKE|change-?_?me|CHANGE_?ME|placeholder|PLACEHOLDER|test)[A-Za-z0-9_.-]{0,16}|[$][A-Za-z_({].*|[{<%]+[ ]?[A-Za-z_(.].*|@[A-Za-z_/][A-Za-z0-9_./-]*|[A-Za-z0-9_-]*([.]{3}|[*]{3}|xxx|XXX|…).*|[*xX#_.-]+|[[](redacted|REDACTED|secret|hidden|masked)[ A-Za-z0-9_]*[]]?.*|[~.]{0,2}/[a-z0-9._/-]*|[a-z0-9+]+://[^:@?=]*|(env|file|vault|ref|ssm):[A-Za-z/_.-]*|arn:[A-Za-z0-9_:/*-]*|[A-Za-z0-9_./-]+[.](md|py|json|ya?ml|toml|txt|env|sh|js|ts|pem|key|html?|conf|ini|cfg|log|go|rs|enc|gpg|age)|ENC[[].*|(id|src|type|name|env|from|file)=.*|[!&*][A-Za-z_].*|[A-Za-z_.]+[[(][A-Za-z0-9_ |,.:[]*[])]?|#[0-9A-Fa-f]{6}|[(][?].*|[[]\[^]?[0-9A-Za-z]-.*|[A-Z]{2,5}([A-Z][a-z]+)+|_*[A-Za-z_]+[0-9]{0,5}([.][A-Z]?[a-z_]+[0-9]{0,5}([A-Z][a-z]+)*|[.][A-Z]{2,5}([A-Z][a-z]+)+)+|[A-Z]?[a-z]+([ ]+[a-z]+[,.]?)*|_*[a-z]+([_./:-]+[a-z]+)*[][{.?!:*]*|[_]*[A-Z]+(_[A-Z]+)+[][]?|[A-Z]{4,12}|([a-z]+[.])*_*[a-z]*([A-Z][a-z]+)+([.]_*[a-z]*([A-Z]?[a-z]+)*)*[][}]*.{0,1}|[a-z_]+([.][a-z_0-9]+)+[][]?|[a-z]+_[a-z_0-9]+[][]?|[0-9.,_]{1,7}[a-z%]?|v?[0-9]+[.][0-9]+[.][0-9.]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*)[\"'"'"'@.,!?]*$|^[Aa]uthorization["'"'"']?[ ]?[:=][ ]?["'"'"']?[A-Za-z-]+[ ]+([$<{%*.[].*|[a-z]{1,11})$|^[Aa]uthorization["'"'"']?[ ]?[:=][ ]?["'"'"']?[A-Za-z-]+$|^secret:[A-Za-z0-9_/-]+$|^.?[Bb][Aa][Ss][Ii][Cc][ [:blank:]]+[A-Za-z+/]*$|^.?[Bb][Ee][Aa][Rr][Ee][Rr][ [:blank:]]+([A-Za-z.~+/=_-]*|(([a-z]+[0-9]{0,2}|[0-9]{1,4}[a-z]?)[./-])+([a-z]+[0-9]{0,2}|[0-9]{1,4}[a-z]?))$|[?&;][a-z_-]+=[A-Za-z_.-]*$'
hint='sk-ant-[a-z]+[0-9]+-[A-Za-z0-9_-]+|gh[pousr]_[A-Za-z0-9]+|github_pat_[A-Za-z0-9_]+|-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|b3BlbnNzaC1rZXktdjE[A-Za-z0-9_+/=]*|PuTTY-User-Key-File-[0-9]|AGE-SECRET-KEY-1[A-Za-z0-9]+|(hooks[.]slack[.]com|hooks[.]slack-gov[.]com)/(services|workflows|triggers)/[A-Za-z0-9_/+-]+|discord(app)?[.]com/api/(v[0-9]+/)?webhooks/[0-9]+/[A-Za-z0-9_-]+|webhook[.]office[.]com/webhookb2/[A-Za-z0-9_@/-]+|hooks[.]zapier[.]com/hooks/catch/[0-9]+/[A-Za-z0-9_]+|api[.]telegram[.]org/(file/)?bot[0-9]+:[A-Za-z0-9_-]+|(AccountKey|SharedAccessKey|SharedAccessSignature|SharedSecretValue)=[A-Za-z0-9_+/=%.& -]+|xkeysib-[0-9a-f]+|xsmtpsib-[0-9a-f]+|[A-Za-z0-9]+[.]atlasv1[.][A-Za-z0-9_=-]+|(^|[^A-Za-z0-9_]|[\][nrt])(eyJ[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[A-Za-z0-9_.-]*|sk-(proj|svcacct|admin|None|service|or-v1|lf|litellm)-[A-Za-z0-9_-]+|sk-[A-Za-z0-9_-]*T3BlbkFJ[A-Za-z0-9]+|sk-[A-Za-z0-9]+|sess-[A-Za-z0-9]+|csk-[A-Za-z0-9]+|(xai|gsk|pplx|nvapi|fw|tgp_v1|r8|hf|api_org|jina|voyage|pa|ak)[_-][A-Za-z0-9][A-Za-z0-9_-]+|lsv2_(pt|sk)_[0-9a-f]+|sk_[0-9a-f]+|AIza[A-Za-z0-9_-]+|ya29[.][A-Za-z0-9_-]+|1//0[A-Za-z0-9_-]+|4/0A[A-Za-z0-9_-]+|GOCSPX-[A-Za-z0-9_-]+|AQ[.]A[A-Za-z0-9_-]+|(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]+|ABSK[A-Za-z0-9_+/=]+|bedrock-api-key-[A-Za-z0-9_+/=]+|amzn[.]mws[.][A-Za-z0-9_-]+|[A-Za-z0-9_~.-]+[0-9]Q~[A-Za-z0-9_~.-]+|(LTAI|AKID)[A-Za-z0-9]+|do[oprt]_v1_[0-9a-f]+|fo1_[A-Za-z0-9_-]+|fm[12][abcdr]?_[A-Za-z0-9_+/=,-]+|HRKU-[A-Za-z0-9_-]+|(rnd|nfp|napi|vc[piakr]|sbp|pul|cfut|cfat|cfk|rwsk|koyeb)[_-][A-Za-z0-9]+|v1[.]0-[0-9a-f]+-[0-9a-f]+|sb_secret_[A-Za-z0-9_-]+|pscale_(tkn|pw|oauth)_[A-Za-z0-9_.=-]+|tskey-[a-z]+-[A-Za-z0-9_-]+|sha256~[A-Za-z0-9_-]+|gl(pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct|wt)-[A-Za-z0-9_.-]+|GR1348941[A-Za-z0-9_-]+|_gitlab_session=[A-Za-z0-9_]+|npm_[A-Za-z0-9]+|pypi-Ag[A-Za-z0-9_-]+|pypi-[A-Za-z0-9_-]+|rubygems_[0-9a-f]+|CLOJARS_[a-z0-9]+|cio[A-Za-z0-9]+|oy2[a-z0-9]+|dckr_(pat|oat)_[A-Za-z0-9_-]+|AKCp[A-Za-z0-9]+|cmVmdGtuO[A-Za-z0-9]+|dp[.](pt|st|ct|sa|scim|audit|said)[.][A-Za-z0-9_.-]+|bk(ua|at)_[0-9a-f]+|CCI(PAT|PRJ)_[A-Za-z0-9_]+|sgp_[A-Za-z0-9_]+|ATATT3[A-Za-z0-9_=-]+|ATCTT3[A-Za-z0-9_=-]+|ATBB[A-Za-z0-9_]+|ATTA[0-9a-f]+|BBDC-[A-Za-z0-9_+/=]+|sq[aup]_[0-9a-f]+|snyk_[a-z]+[.][A-Za-z0-9_.-]+|tfp_[A-Za-z0-9_-]+|figd_[A-Za-z0-9_-]+|PMAK-[0-9a-f-]+|pat[A-Za-z0-9]+[.][0-9a-f]+|xox[abceprs]-[A-Za-z0-9_-]+|xox[be][.]xox[bp]-[A-Za-z0-9_-]+|xapp-[0-9]-[A-Za-z0-9_-]+|[MNO][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+|[0-9]+:[A-Za-z0-9_-]+|SK[0-9a-f]+|SG[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+|SG[.][A-Za-z0-9_-]+|key-[0-9a-f]+|[0-9a-f]+-us[0-9]+|mlsn[.][0-9a-f]+|re_[A-Za-z0-9]+_?[A-Za-z0-9]+|(sk|rk)_(live|test|prod)_[A-Za-z0-9]+|whsec_[A-Za-z0-9_+/=-]+|shp(at|ss|ca|pa|tka)_[0-9A-Fa-f]+|sq0[a-z]+-[A-Za-z0-9_-]+|EAAA[A-Za-z0-9_-]+|access_token[$]production[$][0-9a-z]+[$][0-9a-f]+|EZ[AT]K[A-Za-z0-9]+|FLWSECK(_TEST)?-[A-Za-z0-9_-]+|EAA[A-Za-z0-9]+|lip_[A-Za-z0-9_]+|hv[sbr][.][A-Za-z0-9_-]+|s[.][A-Za-z0-9]+|ops_[A-Za-z0-9_-]+|A3-[A-Z0-9]+-[A-Z0-9]+-[A-Z0-9-]+|gl(sa|c)_[A-Za-z0-9_+/=]+|NR(AK|JS|II|RA|SP|BR)-[A-Za-z0-9-]+|sntry[su]_[A-Za-z0-9_+/=-]+|dt0[a-z][0-9]+[.][A-Z0-9]+[.][A-Z0-9]+|lin_(api|oauth)_[A-Za-z0-9]+|ntn_[A-Za-z0-9]+|secret_[A-Za-z0-9]+|PRIVATE-TOKEN:?[ ]+[A-Za-z0-9_.-]+|SSWS[ ]+[A-Za-z0-9_-]+|sl[.](u[.])?[A-Za-z0-9_-]+|CFPAT-[A-Za-z0-9_-]+|[01]/[0-9]+[:/][0-9a-f]+|dapi[0-9a-f]+|dnkey-[A-Za-z0-9_-]+|p8e-[a-z0-9]+|ico-[A-Za-z0-9]+|s-s4t2(ud|af)-[0-9a-f]+|tk-us-[A-Za-z0-9_]+|(duffel|shippo)_(test|live)_[A-Za-z0-9_-]+|fio-u-[A-Za-z0-9_=-]+|sm_[aps]at_[A-Za-z0-9]+|rdme_[a-z0-9]+|pnu_[A-Za-z0-9]+|access-(sandbox|development|production)-[0-9a-f-]+|API-[A-Z0-9]+|[A-Za-z0-9]+_[A-Za-z0-9]+_mmk|phx_[A-Za-z0-9]+|pk_[0-9]+_[A-Z0-9]+|pat-(na|eu)[0-9]-[0-9a-f-]+|sk[.]eyJ[A-Za-z0-9_.-]+)|([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Tt]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll][Ss]?|_[Aa][Uu][Tt][Hh]|[_-][Pp][Aa][Ss][Ss]|[_-][Pp][Aa][Tt]|[_-][Ss][Aa][Ll][Tt]|([Aa][Pp][Ii]|[Aa][Pp][Pp]|[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]|[Aa][Cc][Cc][Ee][Ss][Ss]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Rr][Ii][Vv][Aa][Tt][Ee]|[Ss][Ii][Gg][Nn][Ii][Nn][Gg]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ii][Oo][Nn]|[Mm][Aa][Ss][Tt][Ee][Rr]|[Ll][Ii][Cc][Ee][Nn][Ss][Ee]|[Ss][Ee][Rr][Vv][Ii][Cc][Ee]|[Cc][Oo][Nn][Ss][Uu][Mm][Ee][Rr]|[Dd][Ee][Pp][Ll][Oo][Yy]|[Rr][Oo][Uu][Tt][Ii][Nn][Gg]|[Ii][Nn][Tt][Ee][Gg][Rr][Aa][Tt][Ii][Oo][Nn]|[Ss][Hh][Aa][Rr][Ee][Dd]|[Ss][Uu][Bb][Ss][Cc][Rr][Ii][Pp][Tt][Ii][Oo][Nn]|[Aa][Dd][Mm][Ii][Nn]|[Jj][Ww][Tt]|[Ww][Ee][Bb][Hh][Oo][Oo][Kk]|[Hh][Mm][Aa][Cc]|[Ii][Nn][Gg][Ee][Ss][Tt]|[Ww][Rr][Ii][Tt][Ee])[ _.-]?[Kk][Ee][Yy]|[Ss][Ee][Cc][Rr][Ee][Tt][_-]?([Aa][Cc][Cc][Ee][Ss][Ss][_-]?)?[Kk][Ee][Yy]([_-]?[Bb][Aa][Ss][Ee])?|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][_-]?[Ss][Tt][Rr][Ii][Nn][Gg])[0-9]*([_-]([Pp][Rr][Oo][Dd]|[Dd][Ee][Vv]|[Tt][Ee][Ss][Tt]|[Ll][Ii][Vv][Ee]|[Ss][Tt][Aa][Gg][Ii][Nn][Gg]|[Mm][Aa][Ii][Nn]|[Oo][Ll][Dd]|[Nn][Ee][Ww]|[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Bb][Aa][Ss][Ee]|[0-9]+))?[\]?["'"'"']?[]]?[ [:blank:]]*(=|:|:=|=>|%3[Dd])[ [:blank:]]*[\]?["'"'"'][^"'"'"'[:space:]\][^"'"'"'\]+|([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Tt]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll][Ss]?|_[Aa][Uu][Tt][Hh]|[_-][Pp][Aa][Ss][Ss]|[_-][Pp][Aa][Tt]|[_-][Ss][Aa][Ll][Tt]|([Aa][Pp][Ii]|[Aa][Pp][Pp]|[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]|[Aa][Cc][Cc][Ee][Ss][Ss]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Rr][Ii][Vv][Aa][Tt][Ee]|[Ss][Ii][Gg][Nn][Ii][Nn][Gg]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ii][Oo][Nn]|[Mm][Aa][Ss][Tt][Ee][Rr]|[Ll][Ii][Cc][Ee][Nn][Ss][Ee]|[Ss][Ee][Rr][Vv][Ii][Cc][Ee]|[Cc][Oo][Nn][Ss][Uu][Mm][Ee][Rr]|[Dd][Ee][Pp][Ll][Oo][Yy]|[Rr][Oo][Uu][Tt][Ii][Nn][Gg]|[Ii][Nn][Tt][Ee][Gg][Rr][Aa][Tt][Ii][Oo][Nn]|[Ss][Hh][Aa][Rr][Ee][Dd]|[Ss][Uu][Bb][Ss][Cc][Rr][Ii][Pp][Tt][Ii][Oo][Nn]|[Aa][Dd][Mm][Ii][Nn]|[Jj][Ww][Tt]|[Ww][Ee][Bb][Hh][Oo][Oo][Kk]|[Hh][Mm][Aa][Cc]|[Ii][Nn][Gg][Ee][Ss][Tt]|[Ww][Rr][Ii][Tt][Ee])[ _.-]?[Kk][Ee][Yy]|[Ss][Ee][Cc][Rr][Ee][Tt][_-]?([Aa][Cc][Cc][Ee][Ss][Ss][_-]?)?[Kk][Ee][Yy]([_-]?[Bb][Aa][Ss][Ee])?|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][_-]?[Ss][Tt][Rr][Ii][Nn][Gg])[0-9]*([_-]([Pp][Rr][Oo][Dd]|[Dd][Ee][Vv]|[Tt][Ee][Ss][Tt]|[Ll][Ii][Vv][Ee]|[Ss][Tt][Aa][Gg][Ii][Nn][Gg]|[Mm][Aa][Ii][Nn]|[Oo][Ll][Dd]|[Nn][Ee][Ww]|[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Bb][Aa][Ss][Ee]|[0-9]+))?[\]?["'"'"']?[]]?[ [:blank:]]*(=|:|:=|=>|%3[Dd])[ [:blank:]]*[^[:space:]"'"'"'`,;&<>()|\]+|--[A-Za-z0-9_-]*([Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]|[Pp][Aa][Ss][Ss][Pp][Hh][Rr][Aa][Ss][Ee]|[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Tt]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll][Ss]?|_[Aa][Uu][Tt][Hh]|[_-][Pp][Aa][Ss][Ss]|[_-][Pp][Aa][Tt]|[_-][Ss][Aa][Ll][Tt]|([Aa][Pp][Ii]|[Aa][Pp][Pp]|[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]|[Aa][Cc][Cc][Ee][Ss][Ss]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Rr][Ii][Vv][Aa][Tt][Ee]|[Ss][Ii][Gg][Nn][Ii][Nn][Gg]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ii][Oo][Nn]|[Mm][Aa][Ss][Tt][Ee][Rr]|[Ll][Ii][Cc][Ee][Nn][Ss][Ee]|[Ss][Ee][Rr][Vv][Ii][Cc][Ee]|[Cc][Oo][Nn][Ss][Uu][Mm][Ee][Rr]|[Dd][Ee][Pp][Ll][Oo][Yy]|[Rr][Oo][Uu][Tt][Ii][Nn][Gg]|[Ii][Nn][Tt][Ee][Gg][Rr][Aa][Tt][Ii][Oo][Nn]|[Ss][Hh][Aa][Rr][Ee][Dd]|[Ss][Uu][Bb][Ss][Cc][Rr][Ii][Pp][Tt][Ii][Oo][Nn]|[Aa][Dd][Mm][Ii][Nn]|[Jj][Ww][Tt]|[Ww][Ee][Bb][Hh][Oo][Oo][Kk]|[Hh][Mm][Aa][Cc]|[Ii][Nn][Gg][Ee][Ss][Tt]|[Ww][Rr][Ii][Tt][Ee])[ _.-]?[Kk][Ee][Yy]|[Ss][Ee][Cc][Rr][Ee][Tt][_-]?([Aa][Cc][Cc][Ee][Ss][Ss][_-]?)?[Kk][Ee][Yy]([_-]?[Bb][Aa][Ss][Ee])?|[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn][_-]?[Ss][Tt][Rr][Ii][Nn][Gg]|[Pp][Aa][Ss][Ss])([ [:blank:]]+|=)["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]+|[Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn][\]?["'"'"']?[]]?[ [:blank:]]*(=|:|:=|=>|%3[Dd])[ [:blank:]]*["'"'"']?([Bb][Aa][Ss][Ii][Cc]|[Bb][Ee][Aa][Rr][Ee][Rr]|[Tt][Oo][Kk][Ee][Nn]|[Dd][Ii][Gg][Ee][Ss][Tt]|[Aa][Pp][Ii][Kk][Ee][Yy]|[Aa][Pp][Ii]-[Kk][Ee][Yy]|[Bb][Oo][Tt]|[Kk][Ee][Yy]|[Ss][Pp][Ll][Uu][Nn][Kk])[ [:blank:]]+[^[:space:]"'"'"'`,;&<>()|\]+|[Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn][\]?["'"'"']?[]]?[ [:blank:]]*(=|:|:=|=>|%3[Dd])[ [:blank:]]*["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]+|(^|[^A-Za-z0-9_])[Bb][Ee][Aa][Rr][Ee][Rr][ [:blank:]]+[A-Za-z0-9_.~+/=-]+|(^|[^A-Za-z0-9_])[Bb][Aa][Ss][Ii][Cc][ [:blank:]]+[A-Za-z0-9+/]+=*|[Cc][Oo][Oo][Kk][Ii][Ee][\]?["'"'"']?[]]?[ [:blank:]]*(=|:|:=|=>|%3[Dd])[ [:blank:]]*["'"'"']?[A-Za-z0-9_.-]+=[^"'"'"'[:space:];]+([^"'"'"'[:space:]]|; )*|([Ll][Oo][Gg][Ii][Nn]|[Uu][Ss][Ee][Rr]|[Aa][Cc][Cc][Oo][Uu][Nn][Tt])[ [:blank:]]+[^[:space:]]+[ [:blank:]]+([Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]|[Pp][Aa][Ss][Ss][Ww][Dd])[ [:blank:]]+[^[:space:]]+|^[ [:blank:]]*([Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]|[Pp][Aa][Ss][Ss][Ww][Dd])[ [:blank:]]+[^[:space:]]+|([Cc][Uu][Rr][Ll]|[Hh][Tt][Tt][Pp]|[Hh][Tt][Tt][Pp][Ss]|[Xx][Hh]|[Ww][Gg][Ee][Tt])[ [:blank:]]([^]*[ [:blank:]])?(-[Uu]|--[Uu][Ss][Ee][Rr]|-[Uu]|--[Pp][Rr][Oo][Xx][Yy]-[Uu][Ss][Ee][Rr])[ [:blank:]=]*["'"'"']?[^[:space:]:"'"'"']+:[^[:space:]"'"'"']+|([Mm][Yy][Ss][Qq][Ll]|[Mm][Aa][Rr][Ii][Aa][Dd][Bb]|[Mm][Yy][Ss][Qq][Ll][Dd][Uu][Mm][Pp]|[Mm][Yy][Ss][Qq][Ll][Aa][Dd][Mm][Ii][Nn])[ [:blank:]]([^|;]*[ [:blank:]])?-[Pp]["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]+|([Ss][Ss][Hh][Pp][Aa][Ss][Ss]|[Dd][Oo][Cc][Kk][Ee][Rr] [Ll][Oo][Gg][Ii][Nn]|[Pp][Oo][Dd][Mm][Aa][Nn] [Ll][Oo][Gg][Ii][Nn]|[Rr][Ee][Dd][Ii][Ss]-[Cc][Ll][Ii]|[Mm][Oo][Nn][Gg][Oo][Ss][Hh]?)[ [:blank:]]([^|;]*[ [:blank:]])?-[pa][ [:blank:]]*["'"'"']?[^[:space:]"'"'"'`,;&<>()|\]+|([Pp][Aa][Ss][Ss][Ii][Nn]|[Pp][Aa][Ss][Ss][Oo][Uu][Tt]|[Pp][Aa][Ss][Ss])[ [:blank:]=][Pp][Aa][Ss][Ss]:[^[:space:]"'"'"'`,;&<>()|\]+|([Ii][Dd][Ee][Nn][Tt][Ii][Ff][Ii][Ee][Dd] [Bb][Yy]|[Ww][Ii][Tt][Hh] [Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]|[Ee][Nn][Cc][Rr][Yy][Pp][Tt][Ee][Dd] [Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd])[ [:blank:]]+["'"'"'][^"'"'"'[:space:]]+|[?&;]([Kk][Ee][Yy]|[Ss][Ii][Gg]|[Ss][Ii][Gg][Nn][Aa][Tt][Uu][Rr][Ee]|[Cc][Oo][Dd][Ee]|[Aa][Uu][Tt][Hh]|[Xx]-[Aa][Mm][Zz]-[Ss][Ii][Gg][Nn][Aa][Tt][Uu][Rr][Ee]|[Xx]-[Aa][Mm][Zz]-[Ss][Ee][Cc][Uu][Rr][Ii][Tt][Yy]-[Tt][Oo][Kk][Ee][Nn]|[Xx]-[Gg][Oo][Oo][Gg]-[Ss][Ii][Gg][Nn][Aa][Tt][Uu][Rr][Ee]|[Aa][Pp][Ii][Kk][Ee][Yy]|[Pp][Ww]|[Pp][Aa][Ss][Ss]|[Ss][Ii][Dd])=[A-Za-z0-9_%+/=.~-]+|[a-z0-9+.-]://[^[:space:]/:@?#"'"'"'<>`]*:[^[:space:]/"'"'"'<>`]+@|[a-z0-9+.-]://[A-Za-z0-9_-]+@|([Rr][Ee][Dd][Ii][Ss]|[Rr][Ee][Dd][Ii][Ss][Ss]|[Aa][Mm][Qq][Pp][Ss]?|[Pp][Oo][Ss][Tt][Gg][Rr][Ee][Ss]|[Pp][Oo][Ss][Tt][Gg][Rr][Ee][Ss][Qq][Ll]|[Mm][Yy][Ss][Qq][Ll]|[Mm][Oo][Nn][Gg][Oo][Dd][Bb])://[^[:space:]/:@?#"'"'"'<>`]*:[^[:space:]"'"'"'<>`]+@'
# secrets: end

# The file's own HEAD names the branch, without a program; only with reftables git has to be asked.
branch_here() {
    read -r head <"${GIT_DIR:-.git}/HEAD" 2>/dev/null || head=''
    case $head in
    "ref: refs/heads/.invalid" | '') git symbolic-ref --short --quiet HEAD ;;
    "ref: refs/heads/"*) printf '%s\n' "${head#ref: refs/heads/}" ;;
    *) return 1 ;;
    esac
}

# What the index adds: the files by name, then the added lines that may contain a secret. `--text` also shows what
# .gitattributes calls binary, and files with a NUL. Most commits start no further program. The last line says that git
# failed: what it did not show has not been judged.
staged() {
    { git diff --cached --raw -p -U0 --text --no-renames --no-ext-diff --no-textconv --no-color --no-relative ||
        echo ':unread'; } |
        LC_ALL=C grep -aE "^:|$hint|^[+][[:blank:]]*[Pp][Aa][Ss][Ss][Ww]"
}

unread='ops guard: git failed' # a line in place of what git did not show

holds_secret() { # reads lines; 2 if git did not show all of them
    found=$(LC_ALL=C grep -aoE "^$unread\$|$keys|$named" | tr -d '\000')
    [ -n "$found" ] || return 1
    case $eol$found$eol in *"$eol$unread$eol"*) return 2 ;; esac
    {
        printf '%s\n' "$found" | LC_ALL=C grep -aoE "$keys" | LC_ALL=C grep -avE "$plain"
        printf '%s\n' "$found" | LC_ALL=C grep -aoE "$named" | LC_ALL=C grep -avE "$harmless"
    } | grep -q .
}

private_file() { # NAME
    name=${1##*/}
    name=${name%\"}
    case $name in *.example | *.sample | *.template | *.dist) return 1 ;; esac
    matches "$name" "$private"
}

pre_commit() {
    ! branch=$(branch_here) || on_own_branch "$branch"
    lines=$(staged)
    [ -n "$lines" ] || return 0
    added=$(
        printf '%s\n' "$lines" | while IFS= read -r line; do
            case $line in
            :unread) echo unread ;;
            :*" D	"*) ;;
            :*) ! private_file "${line#*	}" || printf 'file %s\n' "${line#*	}" ;;
            +*) printf '%s\n' "$line" ;;
            esac
        done
    )
    case $added in "file "*)
        file=${added%%"$eol"*} file=${file#file }
        refuse "$file holds logins or keys and is never committed" "git rm --cached '$file'"
        ;;
    esac
    case "$eol$added$eol" in *"${eol}unread$eol"*)
        refuse 'git cannot show what is staged, so it has not been checked' 'git diff --cached'
        ;;
    esac
    [ -n "$added" ] || return 0
    ! printf '%s\n' "$added" | sed 's/^+//' | holds_secret ||
        refuse 'what looks like a login or a key is staged' 'take it out of the file, and stage it again'
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
reference-transaction) [ -z "$branches_move" ] || reference_transaction ;;
pre-commit) pre_commit ;;
pre-push) seen=$(cat) && { pre_push "$@" || exit 1; } ;;
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
