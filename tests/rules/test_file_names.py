"""What a file's name promises: `look_*` only reads, a plain noun is pure, changes are made in `write_*` modules.

A module that holds a WRITE operation may make changes too: it is where a surface asks for them.
"""

import ast
from pathlib import Path

import pytest

from mcp_server.operation.operation import Effect
from mcp_server.server.catalogue import MODULES, operation
from tests.rules.imports import PACKAGE, graph, name_of, sources

CAPABILITIES = set(
    "search fleet notices activity guard logins configs workflow knowledge records agents audit".split()  # noqa: SIM905
)
OPERATIONS = {f"mcp_server.{module}" for module in MODULES.values()}
WRITES = {f"mcp_server.{module}" for name, module in MODULES.items() if operation(name).effect is Effect.WRITE}
WORLD = {"mcp_server.operation.context", "mcp_server.operation.world"}
CHANGING = {
    "files": {"replace", "write_over", "room_for", "back_up", "keep", "prune_backups", "set_aside", "make_folder"}
    | {"take_folder", "forget", "lock", "directory_lock"},
    "containers": {"up", "replace", "config_lock"},
    "github": {"create", "merge"},
    "http": {"post"},
    "path": {"mkdir", "unlink", "rmdir", "write_text", "write_bytes", "rename", "touch", "chmod", "symlink_to"},
    "os": {"remove", "rename", "unlink", "mkdir", "makedirs", "replace", "rmdir", "chmod", "link", "symlink"},
}
ENTRY_POINTS: set[str] = {"mcp_server.guard.hook"}
"Programs of their own, which put the world together."


UNFINISHED = {
    *("configs/in_sync_cache.py", "fleet/discovery.py"),
    *("configs/look_base.py", "configs/look_locations.py"),
}
"Modules whose name does not fit yet."


def relative(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def kind_of(path: Path) -> str:
    name, stem = name_of(path), path.stem
    if stem.startswith(("look_", "write_", "run_")) or stem in ("look", "findings", "__init__"):
        return stem.partition("_")[0] if stem != "__init__" else "package"
    return "operation" if name in OPERATIONS else "entry point" if name in ENTRY_POINTS else "pure"


def of_capabilities(kind: str) -> list[Path]:
    return [path for path in capability_sources() if kind_of(path) == kind]


def capability_sources() -> list[Path]:
    found = [path for path in sources() if path.relative_to(PACKAGE).parts[0] in CAPABILITIES]
    return [path for path in found if relative(path) not in UNFINISHED]


@pytest.mark.parametrize("path", of_capabilities("pure"), ids=relative)
def test_a_plain_noun_does_not_reach_the_world(path: Path) -> None:
    reached = graph()[name_of(path)]
    assert not {name for name in reached if name.startswith("mcp_server.system.") or name in WORLD}


@pytest.mark.parametrize("path", of_capabilities("operation"), ids=relative)
def test_operations_do_not_import_each_other(path: Path) -> None:
    assert not graph()[name_of(path)] & OPERATIONS


@pytest.mark.parametrize("path", capability_sources(), ids=relative)
def test_only_write_modules_and_write_operations_change_anything(path: Path) -> None:
    if kind_of(path) in ("write", "run") or name_of(path) in WRITES:
        return
    assert changes_in(path) == []


def changes_in(path: Path) -> list[str]:
    """The calls in a module that change something, by the names that the adapters' methods have."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner, method = ast.unparse(node.func.value), node.func.attr
            last = owner.rpartition(".")[2].strip("_")
            is_ours = last in CHANGING and method in CHANGING[last]
            if is_ours or method in CHANGING["path"] or last == "change":
                found.append(f"line {node.lineno}: {owner}.{method}")
    return found
