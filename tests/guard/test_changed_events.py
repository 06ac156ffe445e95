"""An event without a field that the guard reads: the human learns that it was not judged, and the tool goes on."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fixtures.guarded import HOOK

PUSH = "git push origin HEAD:main"


def output(event: Mapping[str, object], cwd: Path) -> str:
    """What the real hook says to this event, with no server."""
    own = {"PATH": os.environ["PATH"], "HOME": str(cwd), "OPS_HOME": str(cwd / "state")}
    text = json.dumps({"cwd": str(cwd), **event}, separators=(",", ":"))
    done = subprocess.run([str(HOOK)], input=text, env=own, cwd=cwd, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(
    ("event", "missing"),
    [
        ({"tool_name": "Bash", "tool_input": {"cmd": PUSH}}, "tool_input.command"),
        ({"tool_name": "Bash", "input": {"command": PUSH}}, "tool_input.command"),
        ({"tool_name": "Bash", "input": {"command": "ls"}, "transcript_path": "/x"}, "tool_input.command"),
        ({"tool_name": "Bash", "tool_input": PUSH}, "tool_input.command"),
        ({"tool_name": "Write", "tool_input": {"path": ".git/config", "content": ""}}, "tool_input.file_path"),
        ({"tool_name": "Edit", "tool_input": None}, "tool_input.file_path"),
    ],
)
def test_an_event_in_an_unknown_form_is_not_refused_and_the_human_gets_one_sentence(
    tmp_path: Path, event: Mapping[str, object], missing: str
) -> None:
    answer = json.loads(output(event, tmp_path))
    assert answer.keys() == {"systemMessage"}
    sentence = f"this use of {event['tool_name']} was not judged, because its event has no {missing};"
    assert sentence in answer["systemMessage"]


def test_a_complete_event_and_one_of_another_tool_get_no_such_sentence(tmp_path: Path) -> None:
    assert "not judged" not in output({"tool_name": "Bash", "tool_input": {"command": PUSH}}, tmp_path)
    assert output({"tool_name": "Bash", "tool_input": {"command": ""}}, tmp_path) == ""
    assert output({"tool_name": "NotebookRun", "tool_input": {"cell": "git"}}, tmp_path) == ""
