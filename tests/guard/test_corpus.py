"""Command lines with their verdicts: honest ones as agents write them, and attempts to bypass the rules.

`corpus.jsonl` is judged as the agent ops-1 in its clone on the branch `ops`.
"""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guard.layers import PAGE, page
from tests.guard.repositories import verdict

CORPUS = [json.loads(line) for line in (Path(__file__).parent / "corpus.jsonl").read_text().splitlines()]
FORBIDDEN = (
    "git push origin main",
    "git -C . push -f origin +x:refs/heads/main",
    "gh pr merge 12 --admin",
    "git commit --no-verify -m x",
    "gh api -X PUT repos/o/r/pulls/1/merge",
    'git checkout main && git commit -m "a b"',
    "git update-ref refs/heads/main HEAD",
)
HONEST = (
    "git push origin ops",
    'git commit -m "never git push origin main"',
    "git fetch origin main:main",
    'echo "git push origin main"',
    "git checkout main && git pull && git switch ops",
)
AROUND = (
    "{} 2>&1",
    "({})",
    "{{ {}; }}",
    "if true; then {}; fi",
    "while :; do {}; break; done",
    "x() {{ {}; }}; x",
    'echo "$({})"',
    "cat <({})",
    "! {}",
    "case a in a) {};; esac",
    "cat <<E >/dev/null; {}\nhello\nE",
    'sudo -E bash <<"X"\n{}\nX',
    "x=$(cat <<EOF\n$({})\nEOF\n)",
)
QUOTED = (
    "bash -c {}",
    "eval {}",
    "env A=1 timeout -s KILL 5 sh -c {}",
    "bash <<< {}",
    "echo {} | sh",
    "su - bot -c {}",
    "xargs -0 sh -c {} < /dev/null",
    "find . -exec sh -c {} \\;",
    "trap {} EXIT",
    "tmux send-keys {} Enter",
    "source <(echo {})",
    'C={}; eval "$C"',
    "git rebase -x {} HEAD~1",
    "git bisect run sh -c {}",
    "git -c alias.z=!{} z",
)


def dressed(commands: tuple[str, ...]) -> Iterator[str]:
    """Each command wrapped in each way, and in two ways at once."""
    for command in commands:
        plain = [form.format(command) for form in AROUND]
        quoted = [form.format(shlex.quote(command)) for form in QUOTED]
        yield from plain
        yield from quoted
        yield from (form.format(shlex.quote(line)) for line in plain for form in QUOTED[:2])


@pytest.mark.parametrize("entry", CORPUS, ids=lambda entry: entry["command"][:60])
def test_a_line_gets_its_verdict_and_rule(entry: dict[str, str]) -> None:
    found = verdict(entry["command"])
    assert (found.verdict, found.rule) == (entry["verdict"], entry["rule"]), found.reason


def test_the_corpus_is_large_and_balanced() -> None:
    honest = sum(entry["verdict"] == "allow" for entry in CORPUS)
    assert len(CORPUS) >= 600
    assert 0.4 < honest / len(CORPUS) < 0.6


def test_no_wrapping_hides_a_forbidden_command() -> None:
    assert [line for line in dressed(FORBIDDEN) if verdict(line).verdict == "allow"] == []


def test_no_wrapping_blocks_an_honest_line() -> None:
    assert [(line, verdict(line).reason) for line in dressed(HONEST) if verdict(line).verdict != "allow"] == []


def test_the_page_of_layers_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "python -m tests.guard.layers"
