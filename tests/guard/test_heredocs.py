"""Heredocs are found where a shell finds them: not in quotes, comments, or after `<<<`."""

import subprocess

import pytest

from mcp_server.guard.shell.heredocs import extract_heredocs

# The text, what is left of it, and the bodies in order. `cat` prints what a shell takes as the body.
FOUND = {
    "one": ("cat <<E\na\nE\nls", "cat <heredoc:0\nls", ["a\n"]),
    "with a quoted end": ("cat <<'E F' | tee x\na\nE F", "cat <heredoc:0 | tee x", ["a\n"]),
    "with an end in double quotes": ('cat << "E"\na\nE', "cat <heredoc:0", ["a\n"]),
    "with an escaped end": ("cat <<\\E\na\nE", "cat <heredoc:0", ["a\n"]),
    "with tabs before its end": ("cat <<-E\n\ta\n\tE\nls", "cat <heredoc:0\nls", ["\ta\n"]),
    "without a dash a tab is text": ("cat <<E\na\n\tE\nE", "cat <heredoc:0", ["a\n\tE\n"]),
    "two on a line": ("cat <<A <<B\na\nA\nb\nB\nls", "cat <heredoc:0 <heredoc:1\nls", ["a\n", "b\n"]),
    "two after each other": ("cat <<A\na\nA\ncat <<B\nb\nB", "cat <heredoc:0\ncat <heredoc:1", ["a\n", "b\n"]),
    "empty": ("cat <<E\nE", "cat <heredoc:0", ["\n"]),
    "after a string that is closed": ("echo \"a\" 'b' <<E\na\nE", "echo \"a\" 'b' <heredoc:0", ["a\n"]),
    "after a quote that is escaped": ('echo \\" <<E\na\nE', 'echo \\" <heredoc:0', ["a\n"]),
    "in a substitution": ("x=$(cat <<E\na\nE\n)", "x=$(cat <heredoc:0\n)", ["a\n"]),
    "in a substitution in a string": ('x="$(cat <<E\na\nE\n)"', 'x="$(cat <heredoc:0\n)"', ["a\n"]),
    "after a substitution": ("echo $(ls) <<E\na\nE", "echo $(ls) <heredoc:0", ["a\n"]),
    "after a string in a substitution": ('x=$(echo "a" <<E\na\nE\n)', 'x=$(echo "a" <heredoc:0\n)', ["a\n"]),
    "after a here-string": ("cat <<<x; cat <<E\na\nE", "cat <<<x; cat <heredoc:0", ["a\n"]),
    "after a word with a hash": ("echo a#b <<E\na\nE", "echo a#b <heredoc:0", ["a\n"]),
}
NOT_FOUND = {
    "in a string": 'echo "<<E"\nls\nE',
    "in a string with a single quote": 'echo "it\'s <<E"\nls\nE',
    "in a string of two lines": 'echo "a\n<<E"\nls',
    "in single quotes": "echo '<<E'\nls\nE",
    "in single quotes with a backslash": "echo '\\' '<<E'\nls",
    "in a string in a substitution": 'x=$(echo "<<E")\nls\nE',
    "in a string after a substitution": 'echo "$(ls) <<E"\nls\nE',
    "in a comment": "ls # <<E\nls\nE",
    "in a comment at the start": "# <<E\nls\nE",
    "in a comment after a semicolon": "ls;# <<E\nls\nE",
    "in a comment after a tab": "ls\t# <<E\nls\nE",
    "in a here-string": "cat <<<E\nls\nE",
    "after an escape": "echo \\<<E\nls\nE",
}


@pytest.mark.parametrize(("text", "kept", "bodies"), FOUND.values(), ids=FOUND)
def test_a_heredoc_is_taken_out_with_its_body(text: str, kept: str, bodies: list[str]) -> None:
    assert extract_heredocs(text) == (kept, {f"heredoc:{n}": body for n, body in enumerate(bodies)})


@pytest.mark.parametrize("text", NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_is_no_heredoc_stays(text: str) -> None:
    assert extract_heredocs(text) == (text, {})


@pytest.mark.parametrize("name", ["one", "with a quoted end", "with tabs before its end", "in a substitution"])
def test_bash_takes_the_same_bodies(name: str) -> None:
    text, _, [body] = FOUND[name]
    printed = subprocess.run(
        ["bash", "-c", text.replace("| tee x", "").replace("\nls", "") + ("; echo $x" if "x=" in text else "")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.strip() == body.strip()
