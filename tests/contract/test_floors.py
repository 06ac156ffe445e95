"""The shape of the code: each floor imports only what lies below it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "mcp_server"

ALLOWED = {
    "domain": {"domain"},
    "ports": {"domain", "ports"},
    "observe": {"domain", "ports", "observe"},
    "act": {"domain", "ports", "observe", "act"},
    "operations": {"domain", "ports", "observe", "act"},
    "adapters": {"domain", "ports", "adapters"},
    "call": {"domain", "ports"},
    "crash": {"domain"},
    "catalogue": {"domain", "ports", "operations"},
    "wiring": {"domain", "ports", "adapters", "catalogue"},
    "tools": {"ports", "catalogue"},
    "introduction": set[str](),
    "journal": {"domain"},
    "audited": {"domain", "ports", "journal"},
    "figures": {"journal"},
    "progress": {"domain"},
    "transport": set[str](),
    "telemetry": set[str](),
    "apart": {"domain", "ports", "wiring", "catalogue", "call", "crash"},
    "server": {"apart", "domain", "ports", "wiring", "catalogue", "tools", "call", "crash", "introduction", "figures"}
    | {"transport", "audited", "journal", "telemetry", "progress"},
    "hook": {"domain", "ports", "observe", "adapters"},
    "host": {"server", "wiring", "catalogue", "figures", "transport", "journal", "telemetry", "hook"},
    "http": {"http", "server", "host", "wiring", "catalogue", "figures", "journal", "domain", "ports", "observe"}
    | {"adapters", "introduction", "pump", "telemetry"},
    "cli": {"domain", "ports", "wiring", "catalogue", "call", "crash", "cli", "operations", "pump", "audited"}
    | {"observe", "adapters", "journal"},
    "pump": {"pump", "domain"},
    "setup": {"setup", "domain", "introduction", "pump"},
    "demo": {"domain", "demo"},
}
IMPORTERS_OF_MCP = {
    "mcp_server/server.py",
    "mcp_server/transport.py",
    "mcp_server/http/__main__.py",
    "mcp_server/http/app.py",
    "mcp_server/http/callers.py",
    "mcp_server/http/gate.py",
    "mcp_server/demo/client.py",
}
NOT_IN_DOMAIN = {"os", "pathlib", "subprocess", "socket", "httpx", "git", "mcp", "pydantic", "tempfile", "shutil"}


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor(module: str) -> str | None:
    parts = module.split(".")
    return (
        parts[1]
        if parts[0] == "mcp_server" and len(parts) > 1 and (PACKAGE / parts[1]).with_suffix("").name
        else None
    )


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_the_floors_below_it(path: Path) -> None:
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    if own == "__init__":
        return
    reached = {floor(name) for name in imported(path)} - {None, "__version__"}
    assert reached <= ALLOWED[own], f"{path.name} reaches up to {reached - ALLOWED[own]}"


def test_operations_never_import_each_other() -> None:
    for path in (PACKAGE / "operations").glob("*.py"):
        assert not [n for n in imported(path) if n.startswith("mcp_server.operations")], path.name


def test_only_the_server_and_the_demo_client_import_the_sdk() -> None:
    importers = {
        str(path.relative_to(ROOT))
        for path in sources()
        if any(name.split(".")[0] in ("mcp", "mcp_types") for name in imported(path))
    }
    assert importers == IMPORTERS_OF_MCP


def test_set_up_and_pump_need_nothing_but_the_standard_library() -> None:
    for path in [*(PACKAGE / "setup").glob("*.py"), *(PACKAGE / "pump").glob("*.py")]:
        reached = {name.split(".")[0] for name in imported(path)} - {"mcp_server"}
        assert reached <= sys.stdlib_module_names, path.name


def test_the_domain_does_no_io() -> None:
    for path in (PACKAGE / "domain").rglob("*.py"):
        reached = {name.split(".")[0] for name in imported(path)} & NOT_IN_DOMAIN
        assert not reached - {"pathlib"}, f"{path.name} imports {reached}"


def test_the_command_line_loads_no_mcp() -> None:
    program = "import mcp_server.cli.main, sys; print({m.split('.')[0] for m in sys.modules} & {'mcp', 'mcp_types'})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"
