"""Which layer of the guard catches what, counted on the corpus; `python -m tests.domain.guard.layers` writes it."""

import json
from collections import Counter
from pathlib import Path

from tests.domain.guard.scene import verdict

CORPUS = Path(__file__).parent / "corpus.jsonl"
PAGE = Path(__file__).resolve().parents[3] / "docs" / "guard-layers.md"
HEAD = """# Which layer of the guard catches what

Rendered from the corpus of command lines (`python -m tests.domain.guard.layers`): {lines} lines, {honest} of them
honest work, of which {blocked} are refused or asked about. The line is what PreToolUse and `guard_check` judge; the
other layers see the act, however it was written, and hold where the line was not understood. A fuzz test runs
generated lines with git's hooks alone: neither the clone's main nor origin's moves.

| rule | lines | refused | asked about | git's hooks | `gh`, `git` on the PATH | server's ruleset |
|---|---|---|---|---|---|---|
"""
BELOW = {
    "protected_branch": ("reference-transaction, pre-push", "where hooks would be skipped", "yes"),
    "unknown_branch": ("reference-transaction, pre-push", "where hooks would be skipped", "yes"),
    "role_branch": ("pre-commit, pre-push", "no", "no"),
    "private_file": ("pre-commit; keys in pre-push, too", "no", "no"),
    "merge": ("no: nothing moves in the clone", "gh", "needs an approval"),
    "merge_rules": ("no: nothing moves in the clone", "gh", "yes, where nobody may go round"),
    "pull_request": ("no", "gh", "no"),
    "bypass": ("no: it is what is switched off", "git: `--no-verify`, `core.hooksPath`", "yes, for the branch"),
    "not_judged": ("by what it then does", "by what it then does", "by what it then does"),
    "credential": ("no; the audit finds it", "no", "no"),
    "server_rules": ("no", "gh", "needs admin rights"),
}
"rule -> what the layers below the line do about it."


def page() -> str:
    entries = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    found = [(entry, verdict(entry["command"])) for entry in entries]
    wrong = [(entry, told) for entry, told in found if entry["verdict"] != "allow"]
    honest = [told for entry, told in found if entry["verdict"] == "allow"]
    levels = Counter((told.rule, told.verdict) for _, told in wrong)
    counts = Counter(told.rule for _, told in wrong)
    rows = (
        f"| {rule} | {counts[rule]} | {levels[rule, 'deny']} | {levels[rule, 'ask']} | {' | '.join(BELOW[rule])} |\n"
        for rule, _ in counts.most_common()
    )
    blocked = sum(told.verdict != "allow" for told in honest)
    return HEAD.format(lines=len(entries), honest=len(honest), blocked=blocked) + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page())
