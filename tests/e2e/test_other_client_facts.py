"""The facts in `mcp_server/clients/` hold on the real Codex and Gemini CLI; a failure names the fact."""

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from mcp_server.clients import codex, gemini
from tests.e2e.claude import run
from tests.e2e.test_guard_in_other_clients import program

pytestmark = pytest.mark.e2e


def holds(client: str, own: Mapping[str, str], fact: str, of: bool, seen: object) -> None:
    """The fact holds, or the test fails in its name."""
    if not of:
        version = run([program(client), "--version"], dict(own), Path(own["HOME"]))[1].strip()
        pytest.fail(f"{fact} does not hold on {client} {version}: {seen}")


def test_codex_finds_its_login_in_its_home_and_takes_the_option_of_its_start(tmp_path: Path) -> None:
    home = tmp_path / "codex-home"
    home.mkdir()
    own = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), codex.HOME_VARIABLE: str(home)}
    own |= {"HTTPS_PROXY": "http://127.0.0.1:9"}
    part = {"email": "someone@example.test", "https://api.openai.com/auth": {"chatgpt_plan_type": "pro"}}
    tokens = {"id_token": unsigned(part), codex.ACCESS_TOKEN: unsigned({"exp": 4102444800}), "account_id": "a"}
    tokens |= {codex.REFRESH_TOKEN: "made-up"}
    (home / codex.STORE_FILE).write_text(
        json.dumps({codex.API_KEY: None, codex.TOKENS: tokens, "last_refresh": "2099-01-01T00:00:00Z"})
    )
    code, out, errors = run([program("codex"), *codex.START[1:], "login", "status"], own, tmp_path)
    holds("codex", own, "codex.HOME_VARIABLE, codex.STORE_FILE, codex.TOKENS, codex.START", code == 0, out + errors)
    holds("codex", own, "codex.TOKENS", "ChatGPT" in out + errors, out + errors)
    (home / codex.CONFIG_FILE).write_text(f'[{codex.MCP_SERVERS}.desk]\ncommand = "/bin/true"\n')
    code, out, errors = run([program("codex"), "mcp", "list", "--json"], own, tmp_path)
    holds("codex", own, "codex.CONFIG_FILE, codex.MCP_SERVERS", '"desk"' in out, out + errors)
    (home / codex.STORE_FILE).unlink()
    code, out, errors = run([program("codex"), "login", "status"], own, tmp_path)
    holds("codex", own, "codex.STORE_FILE", code != 0, out + errors)


def unsigned(claims: Mapping[str, object]) -> str:
    """A JSON web token that nobody signed."""
    parts = ({"alg": "none"}, claims)
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts), "x"])


def test_gemini_says_by_its_exit_code_that_it_is_not_logged_in_and_reads_its_config(tmp_path: Path) -> None:
    home = tmp_path / "gemini-home"
    (home / gemini.CONFIG_FOLDER).mkdir(parents=True)
    own = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), gemini.HOME_VARIABLE: str(home)}
    own |= {"HTTPS_PROXY": "http://127.0.0.1:9"}
    code, out, errors = run([program("gemini"), "--prompt", "hello", *gemini.RESEARCH], own, tmp_path)
    holds(
        "gemini", own, "gemini.RESEARCH, gemini.NOT_LOGGED_IN", code == gemini.NOT_LOGGED_IN, f"{code}: {out}{errors}"
    )
    config = {gemini.MCP_SERVERS: {"desk": {"command": "/bin/true"}}}
    (home / gemini.CONFIG_FOLDER / gemini.CONFIG_FILE).write_text(json.dumps(config))
    code, out, errors = run([program("gemini"), "mcp", "list"], own, tmp_path)
    holds(
        "gemini",
        own,
        "gemini.HOME_VARIABLE, gemini.CONFIG_FILE, gemini.MCP_SERVERS",
        "desk" in out + errors,
        out + errors,
    )
