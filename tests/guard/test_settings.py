"""The guard's hook in a clone's own settings of Claude Code: merged in, and taken out without a trace."""

import json
import os
from pathlib import Path

import pytest

from mcp_server.guard.install import GUARD_INSTALL, GUARD_TEST, GUARD_UNINSTALL, CloneResult, Clones
from mcp_server.operation.operation import Operation
from mcp_server.server.wiring import context_of
from tests.fixtures.clones import clone_of, everything_in, git, make_origin

OWN = (
    '{"permissions":{"allow":["Bash(ls *)"]},\n'
    '   "hooks": {"PreToolUse": [{"matcher": "Read", "hooks": []}]} , "n": 1.0}'
)


def act(operation: Operation, clone: Path) -> CloneResult:
    return operation.run(context_of(os.environ, clone), Clones(clones=[str(clone)])).clones[0]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    made = clone_of(make_origin(tmp_path), tmp_path / "ops-1")
    git(made, "switch", "--quiet", "-c", "ops")
    return made


def held_in(clone: Path) -> dict[str, bytes]:
    return {path: held for path, (_, held) in everything_in(clone).items() if "index" not in path}


def settings(clone: Path, text: str | None = None) -> Path:
    path = clone / ".claude" / "settings.local.json"
    if text is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return path


def test_a_clone_without_settings_gets_them_git_does_not_see_them_and_they_go_again(clone: Path) -> None:
    before = held_in(clone)
    assert act(GUARD_INSTALL, clone).layers["PreToolUse"] == "blocks"
    assert git(clone, "status", "--porcelain") == ""
    assert act(GUARD_INSTALL, clone).outcome == "unchanged"
    act(GUARD_UNINSTALL, clone)
    assert held_in(clone) == before
    assert not settings(clone).parent.exists()


def test_what_stood_in_the_settings_stays_and_comes_back_byte_for_byte(clone: Path) -> None:
    path = settings(clone, OWN)
    act(GUARD_INSTALL, clone)
    merged = json.loads(path.read_text())
    assert merged["permissions"] == {"allow": ["Bash(ls *)"]}
    assert [entry["matcher"] == "Read" for entry in merged["hooks"]["PreToolUse"]] == [True, False]
    act(GUARD_UNINSTALL, clone)
    assert path.read_text() == OWN


def test_what_was_added_meanwhile_stays_when_the_hook_goes(clone: Path) -> None:
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


@pytest.mark.parametrize("text", ["{broken", '{"a": 1, "a": 2}'])
def test_settings_that_cannot_be_read_are_left_alone_and_git_is_guarded_all_the_same(clone: Path, text: str) -> None:
    path = settings(clone, text)
    told = act(GUARD_INSTALL, clone)
    assert told.layers["pre-push"] == "blocks"
    assert told.layers["PreToolUse"] != "blocks"
    assert told.why
    assert path.read_text() == text


def test_settings_that_git_tracks_are_not_made_everybodys(clone: Path) -> None:
    settings(clone, OWN)
    git(clone, "add", "-f", ".claude/settings.local.json")
    told = act(GUARD_INSTALL, clone)
    assert "git rm --cached" in (told.why or "")
    assert settings(clone).read_text() == OWN


@pytest.mark.parametrize("fault", ['{"disableAllHooks": true, ', "{"])
def test_a_hook_out_of_force_is_found_inert(clone: Path, fault: str) -> None:
    act(GUARD_INSTALL, clone)
    path = settings(clone)
    text = path.read_text() if fault != "{" else '{"a": 1}'
    path.write_text(text.replace("{", fault, 1))
    assert act(GUARD_TEST, clone).layers["PreToolUse"] == "inert"
