"""A key that a caller gave by mistake is in no error, on the terminal and for a model."""

import pytest

from mcp_server.cli.main import main
from mcp_server.kernel.errors import OpsError
from mcp_server.server.tool_call import error_result

KEY = "ghp_" + "Ab1Cd2Ef3" * 4


@pytest.mark.parametrize(
    "call",
    [
        ["incident", "open", "--severity", KEY, "--title", "x", "--summary", "y"],
        ["fleet", "audit", f"--bogus={KEY}"],
        ["runbook", "read", KEY],
        [KEY],
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_an_error_does_not_repeat_a_key(call: list[str], form: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*call, *form]) != 0
    shown = "".join(capsys.readouterr())
    assert "[redacted]" in shown
    assert KEY not in shown


def test_a_tools_error_does_not_repeat_a_key() -> None:
    result = error_result(OpsError("not_found", f"no runbook {KEY!r}", "Find its name: ops index check PROBLEM"))
    assert KEY not in result.model_dump_json()
    assert "[redacted]" in result.model_dump_json()
