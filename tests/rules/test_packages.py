"""The packages and their order: a package imports from those before it, never from one after it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.imports import PACKAGE, ROOT, cycles, imported, package_of, sources

ORDER = [
    "kernel",
    "system",
    "clients",
    "search",
    "operation",
    "fleet",
    "notices",
    "activity",
    "guard",
    "logins",
    "configs",
    "workflow",
    "knowledge",
    "records",
    "agents",
    "audit",
    "fixes",
    "server",
    "cli",
    "setup",
    "demo",
]
IMPORTERS_OF_MCP = {
    "mcp_server/server/tool_call.py",
    "mcp_server/server/tool_server.py",
    "mcp_server/server/transport.py",
    "mcp_server/server/http/__main__.py",
    "mcp_server/server/http/app.py",
    "mcp_server/server/http/callers.py",
    "mcp_server/server/http/gate.py",
    "mcp_server/demo/client.py",
}
NOT_IN_KERNEL = {"os", "subprocess", "socket", "httpx", "git", "mcp", "pydantic", "tempfile", "shutil"}


def test_every_package_stands_in_the_order() -> None:
    assert {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()} == set(ORDER)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_packages_before_its_own(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0]
    if own == "__init__.py":
        return
    reached = {name for module in imported(path) if (name := package_of(module))}
    above = {name for name in reached if ORDER.index(name) > ORDER.index(own)}
    assert not above, f"{path.relative_to(ROOT)} imports from {above}, which come after {own}"


def test_no_modules_import_each_other_in_a_cycle() -> None:
    assert cycles() == []


def test_only_the_catalogue_imports_modules_of_ops_by_name() -> None:
    by_name = {
        path for path in sources() if any(name.startswith("importlib.import_module") for name in imported(path))
    }
    of_the_library = "kernel/lazy_module.py"
    assert {str(path.relative_to(PACKAGE)) for path in by_name} == {"server/catalogue.py", of_the_library}


def test_only_the_server_and_the_demo_client_import_the_sdk() -> None:
    importers = {
        str(path.relative_to(ROOT))
        for path in sources()
        if any(name.split(".")[0] in ("mcp", "mcp_types") for name in imported(path))
    }
    assert importers == IMPORTERS_OF_MCP


def test_set_up_and_pump_need_nothing_but_the_standard_library() -> None:
    for path in [*(PACKAGE / "setup").glob("*.py"), *(PACKAGE / "server" / "pump").glob("*.py")]:
        reached = {name.split(".")[0] for name in imported(path)} - {"mcp_server"}
        assert reached <= sys.stdlib_module_names, path.name


def test_the_kernel_does_no_io() -> None:
    for path in (PACKAGE / "kernel").rglob("*.py"):
        reached = {name.split(".")[0] for name in imported(path)} & NOT_IN_KERNEL
        assert not reached, f"{path.name} imports {reached}"


def test_the_command_line_loads_no_mcp() -> None:
    program = "import mcp_server.cli.main, sys; print({m.split('.')[0] for m in sys.modules} & {'mcp', 'mcp_types'})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"
