# Sourced by the `gh` and the `git` that come first on an agent's PATH (ops agent run; docs/adr/0063).
set -uf
name=${0##*/}
real=
IFS=:
for folder in ${PATH-}; do
    case $folder in */hooks/shims | */hooks/shims/) continue ;; /*) ;; *) continue ;; esac
    [ -z "$real" ] && [ -x "$folder/$name" ] && [ ! -d "$folder/$name" ] && real=$folder/$name
done
unset IFS
[ -n "$real" ] || { echo "$name: not found; the guard stands in front of it: $0" >&2; exit 127; }

ask() { # WORD...: sets `answer` to the reason against this command; fails if nothing judges it
    python=$shims/../../.venv/bin/python
    [ -x "$python" ] || return 1
    answer=$("$python" -I -S "$shims/../../mcp_server/server/pump/guard.py" "$@" 2>/dev/null </dev/null)
}

refuse_if_answered() {
    [ -n "$answer" ] || return 0
    printf '%s: %s\n' "$name" "$answer" >&2
    exit 1
}

unanswered='the guard did not answer, and this command may bypass it or change the server. Next: ops guard test'
