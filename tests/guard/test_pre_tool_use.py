"""The PreToolUse hook as Claude Code runs it: what passes at once, what is judged, and how a broken guard behaves."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.guard import warm_server
from mcp_server.clients.claude_hook import MATCHER
from mcp_server.demo.fleet import DemoFleet
from mcp_server.guard.client_hook import command_for
from tests.fixtures.guarded import HOOK as SCRIPT
from tests.fixtures.guarded import decision, event
from tests.guard.test_corpus import CORPUS, FORBIDDEN, dressed

ROOT = Path(__file__).resolve().parents[2]
EACH = "while IFS= read -r said; do may_matter && echo judged || echo passed; done\n"
FILTER = SCRIPT.read_text().partition("may_matter || exit 0")[0].replace("said=$(cat)\n", "") + EACH


def hook(tool: str, given: Mapping[str, object], cwd: Path, script: Path = SCRIPT, **environment: str) -> str:
    own = {"HOME": str(cwd), "OPS_HOME": str(cwd / "state")}
    return decision(tool, given, cwd, {**own, **environment}, script)


def filtered(lines: list[str]) -> list[str]:
    """Whether the filter in the shell script passes each line or has it judged."""
    events = "\n".join(event("Bash", {"command": line, "description": "x"}, ROOT) for line in lines) + "\n"
    done = subprocess.run(["sh", "-c", FILTER, "sh"], input=events, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_filter_passes_no_line_that_is_refused_or_asked_about() -> None:
    lines = [entry["command"] for entry in CORPUS if entry["verdict"] != "allow"]
    lines += list(dressed(FORBIDDEN))
    assert [line for line, way in zip(lines, filtered(lines), strict=True) if way == "passed"] == []


@pytest.mark.parametrize(
    "line",
    ["ls -la src", "npm test", "python3 -m pytest -q tests | tail -20", 'rg "foo bar" src', "cat a.md; cd docs"],
)
def test_the_filter_passes_plain_work(line: str) -> None:
    assert filtered([line]) == ["passed"]


@pytest.mark.parametrize(
    "word", ['g""it', "g''it", '"g"it', "'gi't", "gi\\t", "g$(:)it", "/usr/bin/g?t", "{g,}it", "$'git'"]
)
def test_the_filter_does_not_pass_a_disguised_name(word: str) -> None:
    assert filtered([f"{word} push origin main", f"cd x && {word} commit -m x"]) == ["judged", "judged"]


def test_a_line_is_judged_without_a_server_and_unrelated_work_gets_no_answer(tmp_path: Path) -> None:
    assert hook("Bash", {"command": "git push origin main"}, tmp_path) == "deny"
    assert hook("Bash", {"command": "git status"}, tmp_path) == ""
    assert hook("Bash", {"command": "gh pr create --fill"}, tmp_path) == "ask"
    assert hook("Bash", {"command": "echo $HOME/*.md"}, tmp_path) == ""


def test_writes_to_the_files_of_the_guard_are_refused(fleet: DemoFleet) -> None:
    clone = fleet.agent("ops-1")
    writes = {
        ".git/hooks/pre-commit": "#!/bin/sh",
        ".git/config": "[core]",
        "../fleet.toml": "[guard]",
        ".claude/settings.json": '{"disableAllHooks": true}',
        ".claude/.credentials.json": "{}",
    }
    for path, text in writes.items():
        assert hook("Write", {"file_path": str(clone / path), "content": text}, clone) == "deny", path
    assert hook("Write", {"file_path": str(clone / "docs/a.md"), "content": "git push origin main"}, clone) == ""
    assert hook("Write", {"file_path": str(clone / ".env"), "content": "AGENT_NAME=ops-1"}, clone) == ""
    key = "ANTHROPIC_" + "API_KEY=x"
    assert hook("Write", {"file_path": str(clone / ".env"), "content": key}, clone) == "deny"


def test_a_typo_in_the_fleet_file_is_named_and_only_what_the_policy_is_about_is_asked(fleet: DemoFleet) -> None:
    clone, path = fleet.agent("ops-1"), fleet.root / "fleet.toml"
    path.write_text('[guard]\nprotectd = ["main"]\n')
    said = subprocess.run(
        [str(SCRIPT)],
        input=event("Bash", {"command": "git push origin ops"}, clone),
        cwd=clone,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    assert "unknown key 'guard.protectd'" in said
    assert hook("Bash", {"command": "git push origin ops"}, clone) == "ask"
    assert hook("Bash", {"command": "git push origin main"}, clone) == "deny"
    assert hook("Bash", {"command": "git status && git diff"}, clone) == ""
    path.write_text("[guard\n")
    assert hook("Bash", {"command": "git commit -m x"}, clone) == "ask"


@pytest.mark.parametrize(
    "line",
    [
        "ops pr  merge 3",
        "ops \t pr merge 3",
        'ops "pr" approve 3',
        "'ops' pr appro''ve 3",
        "o\\ps pr merge 3",
        "ops $'pr' approve 3",
        "x=pr; ops $x merge 3",
        "ops --agent pm-1 pr merge 3",
        "/srv/pack/bin/ops pr typed x",
        "python3 -m mcp_server.cli pr merge 3",
    ],
)
def test_approvals_and_merges_by_ops_are_judged_however_they_are_spelled(line: str, tmp_path: Path) -> None:
    assert hook("Bash", {"command": line}, tmp_path) != ""


def test_an_edit_is_judged_by_the_resulting_text(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text('[remote "origin"]\n')
    settings = tmp_path / ".claude" / "settings.local.json"
    settings.parent.mkdir()
    settings.write_text('{"hooks": "hooks/pre-tool-use", "a": 1}')
    edit = {"file_path": str(settings), "old_string": '"a": 1', "new_string": '"a": 2'}
    assert hook("Edit", edit, tmp_path) == ""
    assert hook("Edit", {**edit, "old_string": "hooks/pre-tool-use", "new_string": ""}, tmp_path) == "ask"
    assert hook("Edit", {**edit, "new_string": '"disableAllHooks": true'}, tmp_path) == "deny"


def test_an_edit_of_every_occurrence_is_judged_with_all_of_them_replaced(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text('[remote "origin"]\n')
    settings = tmp_path / ".claude" / "settings.local.json"
    settings.parent.mkdir()
    settings.write_text('{"note": "hooks/pre-tool-use", "hooks": "hooks/pre-tool-use"}')
    edit = {"old_string": "hooks/pre-tool-use", "new_string": "none"}
    for all_of_them, expected in ((False, ""), (True, "ask")):
        one = {**edit, "replace_all": all_of_them}
        assert hook("Edit", {"file_path": str(settings), **one}, tmp_path) == expected
        assert hook("MultiEdit", {"file_path": str(settings), "edits": [one]}, tmp_path) == expected


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """The hook in a plugin whose Python fails at once."""
    python = tmp_path / "plugin" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    (tmp_path / "plugin" / "hooks").mkdir()
    return Path(shutil.copy(SCRIPT, tmp_path / "plugin" / "hooks"))


@pytest.mark.parametrize("is_there", [True, False])
def test_a_broken_guard_asks_about_git_and_allows_other_work(broken: Path, tmp_path: Path, is_there: bool) -> None:
    if not is_there:
        (broken.parent.parent / ".venv" / "bin" / "python").unlink()
    assert hook("Bash", {"command": "git push origin main"}, tmp_path, broken) == "ask"
    assert hook("Bash", {"command": "gh pr merge 3"}, tmp_path, broken) == "ask"
    assert hook("Bash", {"command": "for f in *; do echo $f; done"}, tmp_path, broken) == ""
    assert hook("Write", {"file_path": ".git/config", "content": "x"}, tmp_path, broken) == "ask"


@pytest.mark.parametrize(("line", "decision"), [("git push", "ask"), ("ls *", "")])
def test_a_moved_plugin_asks_about_git_only(tmp_path: Path, line: str, decision: str) -> None:
    script = tmp_path / "in settings"
    script.write_text(f"#!/bin/sh\n{command_for(str(tmp_path / 'gone'))}\n")
    script.chmod(0o755)
    assert hook("Bash", {"command": line}, tmp_path, script) == decision


def test_the_plugin_and_the_settings_of_a_clone_name_the_same_tools() -> None:
    declared = json.loads((ROOT / "hooks" / "hooks.json").read_text())["hooks"]["PreToolUse"]
    assert [entry["matcher"] for entry in declared] == [MATCHER]


@pytest.fixture
def warm_alone(tmp_path: Path) -> Path:
    """The hook in a plugin whose Python can reach the server but cannot judge a line itself."""
    plugin = tmp_path / "plugin"
    (plugin / ".venv" / "bin").mkdir(parents=True)
    (plugin / "mcp_server").symlink_to(ROOT / "mcp_server")
    python = plugin / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{os.path.realpath(sys.executable)}" "$@"\n')  # without the grammar
    python.chmod(0o755)
    (plugin / "hooks").mkdir()
    return Path(shutil.copy(SCRIPT, plugin / "hooks"))


def test_the_shared_server_gives_the_same_answers_as_a_process_of_its_own(fleet: DemoFleet, warm_alone: Path) -> None:
    clone, own = fleet.agent("ops-1"), {"HOME": os.environ["HOME"], "OPS_HOME": os.environ["OPS_HOME"]}
    lines = {
        "git push origin main": "deny",
        "git push origin ops": "",
        "git push origin pm/release": "deny",
        "gh pr create --fill": "ask",
        "gh pr merge 3": "deny",
        'git commit -m "never git push origin main"': "",
    }
    uses = [("Bash", {"command": line}, expected) for line, expected in lines.items()]
    uses += [("Write", {"file_path": str(clone / ".git" / "config"), "content": "[core]"}, "deny")]
    uses += [("Write", {"file_path": str(clone / ".env"), "content": "AGENT_NAME=ops-1"}, "")]
    with warm_server():
        for tool, given, expected in uses:
            assert decision(tool, given, clone, own, warm_alone) == expected, given
            assert decision(tool, given, clone, {**own, "OPS_SHARED": "0"}) == expected, given
        pm = {**own, "AGENT_NAME": "pm-1"}
        assert decision("Bash", {"command": "gh pr merge 3"}, clone, pm, warm_alone) == "", "of each caller's agent"


def test_git_is_asked_about_if_neither_server_nor_python_can_judge(warm_alone: Path, tmp_path: Path) -> None:
    assert hook("Bash", {"command": "git push origin main"}, tmp_path, warm_alone) == "ask"
