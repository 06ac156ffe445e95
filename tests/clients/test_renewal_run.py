"""What a run of Claude Code says about a renewal that failed, from lines of its debug log and its output."""

import pytest

from mcp_server.clients.renewal_run import run_of

AXIOS = (
    '2026-12-01T16:32:20.724Z [ERROR] "AxiosError: [url=https://platform.claude.com/v1/oauth/token,status={}] '
    'AxiosError: Request failed with status code {}\\n    at ze (/$bunfs/root/chunk.js:21:1108)"'
)
EXPECTED = "2026-12-01T16:31:20.427Z [ERROR] OAuth refresh failed (expected): "


@pytest.mark.parametrize(
    ("log", "refused", "status"),
    [
        (EXPECTED + "Request failed with status code 429", "429", 429),
        (AXIOS.format(500, 500), "500", 500),
        (EXPECTED + "socket hang up", "socket hang up", None),
        ("[DEBUG] Fetching from https://api.anthropic.com/v1/mcp_servers: status code 404", None, None),
        ("", None, None),
    ],
)
def test_the_log_says_what_the_token_server_answered(log: str, refused: str | None, status: int | None) -> None:
    run = run_of(0, "No MCP servers configured.\n", f"[DEBUG] before\n{log}\n[DEBUG] after\n")
    assert (run.refused, run.status, run.said) == (refused, status, "No MCP servers configured.")


def test_the_output_is_one_line_without_secrets_and_not_long() -> None:
    token = "sk-ant-" + "oat01-" + "x9" * 30
    run = run_of(1, f"line one\n\tkey {token}\n", "")
    assert run.said.startswith("line one key")
    assert token not in run.said
    assert len(run_of(1, "word " * 500, "").said) < 210
