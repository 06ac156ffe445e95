"""Which layer of the guard catches what, measured on the corpus.

`python -m tests.guard.layers` writes the page. With `measure` it first runs the lines that are refused or asked about
and were not measured yet, in a throw-away clone, without a layer and with each layer alone. That takes some minutes,
and root on Linux, since each line runs in its own namespaces.
"""

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from mcp_server.guard.policy import Verdict
from tests.fixtures.guarded import GuardedClone, guarded_clone
from tests.guard.parts import rows
from tests.guard.repositories import verdict

CORPUS = Path(__file__).parent / "corpus.jsonl"
MEASURED = Path(__file__).parent / "measured.json"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "guard-layers.md"
HEAD = """# Which layer of the guard catches what

Rendered from the corpus of command lines (`python -m tests.guard.layers`): {lines} lines, {honest} of which are
harmless work; {blocked} of these are refused or asked about. "Refused" and "asked about" are the verdicts of
PreToolUse and `guard_check`; what they refuse is never run.

Each of the {run} lines that do not need GitHub was run in a temporary clone, once with no layer, once with each
layer alone (the shims are the `gh` and `git` that come first on an agent's PATH), and once with both.
"Moved main" counts the lines after which main was at another commit, in the clone or at its origin. Many lines do
nothing in that clone, because the program, file or alias does not exist there. {server} lines need GitHub: what they
would do cannot be measured here, and the last column shows whether the server's ruleset stops them. A fuzz test runs
generated lines with all layers: main never moves.

| rule | lines | refused | asked about | run | moved main | with the shims | with git's hooks | with both | ruleset |
|---|---|---|---|---|---|---|---|---|---|
"""
PARTS_HEAD = """
## What each part of the reading buys

The same corpus, judged with one part left out in turn. "Only it stops" counts the lines that are then allowed, "past
the others" those of them that move main although shims and git's hooks are there, and "not run" those whose
effect was not tried, most of them merges on a server, which no hook of git sees. The last column counts harmless
lines that are refused or asked about without the part.

| part | lines of code | only it stops | past the others | not run | harmless lines stopped without it |
|---|---|---|---|---|---|
"""
RULESET = {
    "protected_branch": "yes",
    "unknown_branch": "yes",
    "merge": "needs an approval",
    "merge_rules": "yes, unless someone may bypass it",
    "bypass": "yes, for the branch",
    "not_judged": "by what it then does",
    "server_rules": "needs admin rights",
}
"rule -> whether the server's ruleset stops it, if it does."
_NEEDS_GITHUB = re.compile(r"\b(gh|hub|curl|wget|http|xh|api\.github\.com|mergePullRequest)\b")
_LAYERS = [
    {"hooks": hooks, "shims": shims} for hooks, shims in ((False, False), (False, True), (True, False), (True, True))
]
"No layer, the shims alone, git's hooks alone, both."


def corpus() -> list[dict[str, str]]:
    return [json.loads(entry) for entry in CORPUS.read_text().splitlines()]


def measured() -> dict[str, str]:
    return json.loads(MEASURED.read_text()) if MEASURED.exists() else {}


def is_run(entry: Mapping[str, str]) -> bool:
    return entry["verdict"] != "allow" and not _NEEDS_GITHUB.search(entry["command"])


def moves(box: GuardedClone, command: str) -> str:
    """For each of `_LAYERS` 1 if main moved, else 0. If it does not move without a layer, the rest are not tried."""
    command = command.replace("/tmp/", f"{box.clone.parent}/")
    bare, *alone = _LAYERS
    if not box.run(command, **bare):
        return "0" * len(_LAYERS)
    return "1" + "".join("1" if box.run(command, **layer) else "0" for layer in alone)


def measure(commands: Iterable[str]) -> dict[str, str]:
    with TemporaryDirectory(prefix="ops-layers-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        (home / ".gitconfig").write_text("[user]\nname = ops\nemail = ops@localhost\n[init]\ndefaultBranch = main\n")
        os.environ |= {"HOME": str(home), "OPS_HOME": str(home / "state"), "GIT_CONFIG_GLOBAL": f"{home}/.gitconfig"}
        box = guarded_clone(Path(folder))
        if not box.alone:
            sys.exit(
                "these lines would harm the host: run this as root on Linux, so that each gets its own namespaces"
            )
        return {command: moves(box, command) for command in commands}


def page() -> str:
    found = [(entry, verdict(entry["command"])) for entry in corpus()]
    wrong = [(entry, judged) for entry, judged in found if entry["verdict"] != "allow"]
    honest = [judged for entry, judged in found if entry["verdict"] == "allow"]
    levels = Counter((judged.rule, judged.verdict) for _, judged in wrong)
    counts, moved = Counter(judged.rule for _, judged in wrong), measured()
    tried = [(entry, judged) for entry, judged in wrong if is_run(entry)]
    tried = [(entry, judged) for entry, judged in tried if len(moved.get(entry["command"], "")) == len(_LAYERS)]
    run = [(judged.rule, moved[entry["command"]]) for entry, judged in tried]
    of_rule = {rule: [layers for found, layers in run if found == rule] for rule in counts}

    def row(rule: str) -> str:
        runs = of_rule[rule]
        cells = (counts[rule], levels[rule, "deny"], levels[rule, "ask"], len(runs))
        layers = (sum(run[layer] == "1" for run in runs) for layer in range(len(_LAYERS)))
        return f"| {' | '.join(map(str, (rule, *cells, *layers, RULESET.get(rule, 'no'))))} |\n"

    return HEAD.format(
        lines=len(found),
        honest=len(honest),
        blocked=sum(judged.verdict != "allow" for judged in honest),
        run=len(run),
        server=sum(not is_run(entry) for entry, _ in wrong),
    ) + "".join((*(row(rule) for rule, _ in counts.most_common()), PARTS_HEAD, *_parts(found, moved)))


def _parts(found: list[tuple[dict[str, str], Verdict]], moved: Mapping[str, str]) -> Iterable[str]:
    wrong = [entry["command"] for entry, _ in found if entry["verdict"] != "allow"]
    return rows(wrong, [entry["command"] for entry, _ in found if entry["verdict"] == "allow"], moved)


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        commands, known = dict.fromkeys(entry["command"] for entry in corpus() if is_run(entry)), measured()
        new = measure(command for command in commands if len(known.get(command, "")) != len(_LAYERS))
        moved = {command: (known | new)[command] for command in commands}
        MEASURED.write_text(json.dumps(moved, indent=0, ensure_ascii=False) + "\n")
    PAGE.write_text(page())
