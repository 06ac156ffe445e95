"""Git's options, read as the git on this host reads them."""

import re
import subprocess
from pathlib import Path

import pytest

from mcp_server.guard.programs.git_options import read_options
from mcp_server.guard.programs.git_usage import USAGES
from tests.guard.repositories import verdict

# Their values are written in another way in the list.
UNLIKE = {("tag", "n"), ("am", "resolvemsg"), ("commit", "fixup")}


def listed(command: str, folder: Path) -> list[tuple[str, str]]:
    """The options that `git COMMAND -h` prints: letter or long name, and `=` if the value may be the next word."""
    done = subprocess.run(
        ["git", *command.split(), "-h"], cwd=folder, capture_output=True, text=True, check=False, timeout=20
    )
    found: list[tuple[str, str]] = []
    for line in (done.stdout + done.stderr).splitlines():
        spelled = re.match(r"    (-[^ ,-])?(?:, )?(--[\w-]+|--\[no-\][\w-]+)?(.*)", line)
        if spelled and line.startswith("    -"):
            kind = "=" if re.match(r"\s?[<(]", spelled[3]) or spelled[3].startswith("=") else ""
            names = (spelled[1] or "").removeprefix("-"), (spelled[2] or "").removeprefix("--").replace("[no-]", "")
            found += [(name, kind) for name in names if name and (command, name) not in UNLIKE]
    return found


@pytest.mark.parametrize("command", sorted(set(USAGES) - {"subtree", "filter-branch", "http-push"}))
def test_each_option_that_git_lists_is_known_with_its_value(command: str, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "."], cwd=tmp_path, check=True, timeout=20)
    usage, options = USAGES[command], listed(command, tmp_path)
    assert options
    for name, kind in options:
        known = usage.letters.get(name, "") if len(name) == 1 else name
        assert known in usage.takes, f"-{name}"
        assert (usage.takes[known] == "=") == (kind == "="), f"-{name}"


def flags(command: str) -> tuple[dict[str, str | bool], list[str]]:
    name, *words = command.split()
    options = read_options(name, words)
    return options.flags, options.plain


@pytest.mark.parametrize(
    ("command", "expected", "plain"),
    [
        ("branch -qfC ops main", {"quiet": True, "force": True, "C": True}, ["ops", "main"]),
        ("branch --cop -f ops main", {"copy": True, "force": True}, ["ops", "main"]),
        ("push --dry-run --no-dry-run origin x", {"dry-run": False}, ["origin", "x"]),
        ("push -n --no-dry origin x", {"dry-run": False}, ["origin", "x"]),
        ("push --al", {"all": True}, []),
        ("push -o a=b origin", {"push-option": "a=b"}, ["origin"]),
        ("push -oa=b origin", {"push-option": "a=b"}, ["origin"]),
        ("push --force-with-lease origin x", {"force-with-lease": True}, ["origin", "x"]),
        ("push origin x --no-veri", {"no-verify": True}, ["origin", "x"]),
        ("push --verify origin", {"no-verify": False}, ["origin"]),
        ("switch --force-c main ops", {"force-create": "main"}, ["ops"]),
        ("switch -qCmain ops", {"quiet": True, "force-create": "main"}, ["ops"]),
        ("commit -mn x", {"message": "n"}, ["x"]),
        ("commit -anm x", {"all": True, "no-verify": True, "message": "x"}, []),
        ("commit -S -m x", {"gpg-sign": True, "message": "x"}, []),
        ("commit -m -n", {"message": "-n"}, []),
        ("commit -- -n", {}, ["-n"]),
        ("config user.name -n", {}, ["user.name", "-n"]),
        ("fetch --stdin .", {"stdin": True}, ["."]),
        ("rebase --onto main x", {"onto": "main"}, ["x"]),
    ],
)
def test_options_are_read_as_git_reads_them(command: str, expected: dict[str, str | bool], plain: list[str]) -> None:
    assert flags(command) == (expected, plain)


@pytest.mark.parametrize("line", (Path(__file__).parent / "git_spellings.txt").read_text().splitlines())
def test_a_spelling_that_git_takes_for_a_change_of_main_is_refused(line: str) -> None:
    assert verdict(line).verdict != "allow"
