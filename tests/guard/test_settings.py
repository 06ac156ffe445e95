"""The guard's hook in the settings of Claude Code for one clone: merged in, and removed without a trace."""

import json
import os
from pathlib import Path

import pytest

from mcp_server.guard.install import GUARD_INSTALL, GUARD_TEST, GUARD_UNINSTALL, CloneResult, Clones
from mcp_server.operation.operation import Operation
from mcp_server.server.wiring import context_of
from tests.fixtures.clones import clone_on_ops, everything_in, git

OWN = (
    '{"permissions":{"allow":["Bash(ls *)"]},\n'
    '   "hooks": {"PreToolUse": [{"matcher": "Read", "hooks": []}]} , "n": 1.0}'
)


def act(operation: Operation, clone: Path) -> CloneResult:
    return operation.run(context_of(os.environ, clone), Clones(clones=[str(clone)])).clones[0]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return clone_on_ops(tmp_path)


def held_in(clone: Path) -> dict[str, bytes]:
    return {path: held for path, (_, held) in everything_in(clone).items() if "index" not in path}


def settings(clone: Path, text: str | None = None) -> Path:
    path = clone / ".claude" / "settings.local.json"
    if text is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return path


def test_settings_are_created_ignored_by_git_and_removed_again(clone: Path) -> None:
    before = held_in(clone)
    assert act(GUARD_INSTALL, clone).layers["PreToolUse"] == "blocks"
    assert git(clone, "status", "--porcelain") == ""
    assert act(GUARD_INSTALL, clone).outcome == "unchanged"
    act(GUARD_UNINSTALL, clone)
    assert held_in(clone) == before
    assert not settings(clone).parent.exists()


def test_earlier_settings_stay_and_are_restored_byte_for_byte(clone: Path) -> None:
    path = settings(clone, OWN)
    act(GUARD_INSTALL, clone)
    merged = json.loads(path.read_text())
    assert merged["permissions"] == {"allow": ["Bash(ls *)"]}
    assert [entry["matcher"] == "Read" for entry in merged["hooks"]["PreToolUse"]] == [True, False]
    act(GUARD_UNINSTALL, clone)
    assert path.read_text() == OWN


def test_settings_that_were_added_later_stay_when_the_hook_is_removed(clone: Path) -> None:
    path = settings(clone, OWN)
    act(GUARD_INSTALL, clone)
    changed = json.loads(path.read_text())
    changed["permissions"]["allow"].append("Bash(npm test)")
    path.write_text(json.dumps(changed))
    act(GUARD_INSTALL, clone)
    act(GUARD_UNINSTALL, clone)
    expected = json.loads(OWN)
    expected["permissions"]["allow"].append("Bash(npm test)")
    assert json.loads(path.read_text()) == expected


@pytest.mark.parametrize("text", ["{broken", "[]"])
def test_unreadable_settings_are_not_changed_and_git_is_still_guarded(clone: Path, text: str) -> None:
    path = settings(clone, text)
    result = act(GUARD_INSTALL, clone)
    assert result.layers["pre-push"] == "blocks"
    assert result.layers["PreToolUse"] != "blocks"
    assert result.why
    assert path.read_text() == text


def test_settings_that_git_tracks_are_not_changed(clone: Path) -> None:
    settings(clone, OWN)
    git(clone, "add", "-f", ".claude/settings.local.json")
    result = act(GUARD_INSTALL, clone)
    assert "git rm --cached" in (result.why or "")
    assert settings(clone).read_text() == OWN


@pytest.mark.parametrize("fault", ['{"disableAllHooks": true, ', "{"])
def test_a_disabled_hook_is_reported_as_inert(clone: Path, fault: str) -> None:
    act(GUARD_INSTALL, clone)
    path = settings(clone)
    text = path.read_text() if fault != "{" else '{"a": 1}'
    path.write_text(text.replace("{", fault, 1))
    assert act(GUARD_TEST, clone).layers["PreToolUse"] == "inert"
