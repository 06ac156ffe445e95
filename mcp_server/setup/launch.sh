# Sourced by the launchers in bin/ with $root set to the checkout. Everything here runs before each command: the
# usual case starts no Python of its own.

python_for() { # LOCK: sets $python to the one of this checkout's environment, which is made first where need be
    if is_ready "$1"; then python=$root/.venv/bin/python; else python=$(set_up "$1"); fi
}

is_ready() { # LOCK: was .venv made for this folder from this lock? environment.py writes the stamp
    [ -x "$root/.venv/bin/python" ] &&
        { printf '%s\n' "$root" && cat "$root/$1"; } | cmp -s - "$root/.venv/$1.ready"
}

set_up() { # ARGUMENT: becomes the set-up, under the first Python that is new enough
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            exec "$candidate" -I -S "$root/mcp_server/setup" "$1"
        fi
    done
    echo 'ops: Python 3.11 or newer is needed, and there is none on PATH' >&2
    echo 'next: install it (apt install python3 python3-venv, or brew install python) and run this again' >&2
    exit 1
}
