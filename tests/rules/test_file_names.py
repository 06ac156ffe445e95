"""What a file's name promises: `look_*` only reads, a plain noun is pure, changes are made in `write_*` modules.

A module that holds a WRITE operation may make changes too: it is where a surface asks for them.
"""

import ast
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import get_type_hints

import pytest

from mcp_server.operation.operation import Effect
from mcp_server.operation.world import World
from mcp_server.server.catalogue import MODULES, operation
from tests.rules.imports import PACKAGE, graph, imported, name_of, sources
from tests.rules.reading import READING, VALUES

CAPABILITIES = set(
    "search fleet notices activity guard logins configs workflow knowledge records agents audit".split()  # noqa: SIM905
)
OPERATIONS = {f"mcp_server.{module}" for module in MODULES.values()}
WRITES = {f"mcp_server.{module}" for name, module in MODULES.items() if operation(name).effect is Effect.WRITE}
WORLD = {"mcp_server.operation.context", "mcp_server.operation.world"}
KINDS = {
    alias.name: getattr(import_module(node.module), alias.name)
    for node in ast.walk(ast.parse((PACKAGE / "operation" / "world.py").read_text("utf-8")))
    if isinstance(node, ast.ImportFrom) and node.module
    for alias in node.names
}
"What the module of the world imports, also for the type checker alone."
ADAPTERS = {name: kind for name, kind in get_type_hints(World, localns=KINDS).items() if name not in VALUES}
CHANGING = {
    name: {method for method in dir(kind) if not method.startswith("_")} - set(READING.get(name, "").split())
    for name, kind in ADAPTERS.items()
}
"By the world's field: what its adapter offers and `tests/rules/reading.py` does not list as reading."
FUNCTIONS = {name for name in ADAPTERS if name not in READING and CHANGING[name] <= set(dir(Callable))}
"Fields of the world that are functions and change something: `run_program`."
UNMISTAKABLE = {
    *(
        "mkdir",
        "unlink",
        "rmdir",
        "write_text",
        "write_bytes",
        "rename",
        "touch",
        "chmod",
        "symlink_to",
        "hardlink_to",
    ),
    *("rmtree", "copytree", "copyfile", "copy2", "makedirs", "utime", "posix_spawn", "Popen", "check_call"),
    *(
        "check_output",
        "write_over",
        "room_for",
        "back_up",
        "prune_backups",
        "set_aside",
        "make_folder",
        "take_folder",
    ),
}
"Methods that change something, whatever the name of the variable they are called on."
OF_OS = {"remove", "replace", "link", "symlink", "open", "truncate", "kill", "system", "execve", "fork", "run"}
IO = {"os", "subprocess", "socket", "httpx", "tempfile", "shutil", "git", "docker", "keyring", "fcntl"}
READING_A_PATH = {
    *("read_text", "read_bytes", "exists", "is_file", "is_dir", "is_symlink", "iterdir", "glob", "rglob", "stat"),
    *("lstat", "resolve", "readlink", "samefile", "expanduser", "open"),
}
ENTRY_POINTS: set[str] = {"mcp_server.guard.hook"}
"Programs of their own, which put the world together."


def relative(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def kind_of(path: Path) -> str:
    name, stem = name_of(path), path.stem
    if stem.startswith(("look_", "write_")) or stem == "findings":
        return stem.partition("_")[0]
    if stem == "__init__":
        return "package"
    return "operation" if name in OPERATIONS else "entry point" if name in ENTRY_POINTS else "pure"


def of_capabilities(kind: str) -> list[Path]:
    return [path for path in capability_sources() if kind_of(path) == kind]


def capability_sources() -> list[Path]:
    return [path for path in sources() if path.relative_to(PACKAGE).parts[0] in CAPABILITIES]


@pytest.mark.parametrize("path", of_capabilities("pure"), ids=relative)
def test_a_plain_noun_does_not_reach_the_world(path: Path) -> None:
    reached = graph()[name_of(path)]
    assert not {name for name in reached if name.startswith("mcp_server.system.") or name in WORLD}
    assert not {name for name in imported(path) if name.split(".")[0] in IO}
    assert reads_in(path) == []


@pytest.mark.parametrize("path", of_capabilities("operation"), ids=relative)
def test_operations_do_not_import_each_other(path: Path) -> None:
    assert not graph()[name_of(path)] & OPERATIONS


@pytest.mark.parametrize("path", capability_sources(), ids=relative)
def test_only_write_modules_and_write_operations_change_anything(path: Path) -> None:
    if kind_of(path) == "write" or name_of(path) in WRITES:
        return
    assert changes_in(path.read_text()) == []
    assert writers_called(path) == set()


def calls_in(text: str) -> Iterator[tuple[int, str, str]]:
    """The line, owner and name of each call in a module; the owner of a plain function is empty."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, ast.unparse(node.func.value), node.func.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.lineno, "", node.func.id


def reads_in(path: Path) -> list[str]:
    """The calls in a module that read a file or a folder."""
    return [
        f"line {line}: {owner}.{name}"
        for line, owner, name in calls_in(path.read_text())
        if (owner and name in READING_A_PATH) or (not owner and name == "open")
    ]


def changes_in(text: str) -> list[str]:
    """The calls in a module that change something, by the names that the adapters' methods have."""
    found: list[str] = []
    for line, owner, name in calls_in(text):
        last = owner.rpartition(".")[2].strip("_")
        of_adapter = name in CHANGING.get(last, set()) or (last == "world" and name in FUNCTIONS)
        of_system = (owner in ("os", "subprocess", "shutil") and name in OF_OS | {"run"}) or (
            not owner and name == "open"
        )
        if of_adapter or of_system or name in UNMISTAKABLE or last == "change":
            found.append(f"line {line}: {owner}.{name}")
    return found


def writers_called(path: Path) -> set[str]:
    """The functions and classes that a module imports from `write_*` modules; constants are not among them."""
    return {
        name
        for name in imported(path)
        if ".write_" in name.rpartition(".")[0] and not name.rpartition(".")[2].isupper()
    }


@pytest.mark.parametrize(
    "change",
    [
        "path.write_text('x')",
        "world.files.replace(path, b'x')",
        "f.set_aside(path, 'x')",
        "shutil.rmtree(path)",
        "open(path, 'w')",
        "os.replace(path, other)",
        "subprocess.run(['rm', path])",
        "ctx.world.run_program(['rm'], '', path)",
        "self._github.create(pull)",
        "git.change.push(path)",
    ],
)
def test_a_change_is_found(change: str) -> None:
    assert changes_in(change)


@pytest.mark.parametrize(
    "call", ["text.replace('a', 'b')", "world.files.read_text(path)", "replace(value, name='x')"]
)
def test_what_changes_nothing_is_not_taken_for_a_change(call: str) -> None:
    assert changes_in(call) == []
