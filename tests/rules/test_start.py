"""What a start loads: each library that it does not need costs every command and every hook its time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEVER = {"pydantic", "pydantic_core", "mcp", "httpx"}
COSTLY = {
    "_ast",
    "dis",
    "tokenize",
    "tempfile",
    "shutil",
    "random",
    "bz2",
    "tree_sitter_bash",
}
"What libraries load for uses that are not ours: ast for inspect for dataclasses, bz2 for importlib.resources."
ADAPTERS = {
    "mcp_server.server.wiring",
    "mcp_server.system.files",
    "tarfile",
    "email",
    "socket",
    "markdown_it",
    "yaml",
}
LOADED = """
import atexit, json, os, runpy, sys
atexit.register(lambda: os.write(3, json.dumps(sorted(sys.modules)).encode()))
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
"Runs a module as `python -m` does, and writes at its end which modules are loaded to file descriptor 3."


def loaded(tmp_path: Path, *call: str, stdin: str = "") -> tuple[int, set[str]]:
    """The exit code of a call, and the modules and packages that it loaded."""
    shell = 'exec "$@" 3>"$0"'
    argv = ["sh", "-c", shell, str(tmp_path / "modules"), sys.executable, "-c", LOADED, *call]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "OPS_HOME": str(tmp_path / "state")}
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    modules = json.loads((tmp_path / "modules").read_text())
    return done.returncode, {*modules, *(name.split(".")[0] for name in modules)}


def test_the_version_is_printed_without_the_grammar_of_the_command_line(tmp_path: Path) -> None:
    code, modules = loaded(tmp_path, "mcp_server.cli", "--version")
    assert code == 0
    assert not modules & (NEVER | ADAPTERS | {"argparse", "mcp_server.cli.main"})


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (("--help",), 0),
        (("fleet", "audit", "--help"), 0),
        (("fleet", "audit", "--no-such-option"), 2),
    ],
)
def test_help_and_usage_errors_load_no_adapter(tmp_path: Path, call: tuple[str, ...], code: int) -> None:
    ended, modules = loaded(tmp_path, "mcp_server.cli", *call)
    assert ended == code
    assert "argparse" in modules
    whole = call == ("--help",)  # lists every operation, so it loads them all
    assert not modules & (NEVER if whole else NEVER | ADAPTERS)


def test_a_runbook_is_read_without_the_libraries_of_the_server(tmp_path: Path) -> None:
    code, modules = loaded(tmp_path, "mcp_server.cli", "runbook", "read", "login-ended")
    assert code == 0
    assert "mcp_server.server.wiring" in modules
    assert not modules & NEVER


def test_the_guard_judges_a_command_without_the_libraries_of_the_server(tmp_path: Path) -> None:
    event = {"cwd": str(tmp_path), "tool_name": "Bash", "tool_input": {"command": "git push origin main"}}
    code, modules = loaded(tmp_path, "mcp_server.server.pump.guard", stdin=json.dumps(event))
    assert code == 0
    assert "mcp_server.guard.evaluate" in modules
    assert not modules & (NEVER | COSTLY | {"argparse", "tarfile", "markdown_it", "yaml", "hashlib", "tomllib"})
