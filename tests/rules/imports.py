"""The modules of the product and what they import from each other, read from their text."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "mcp_server"


def sources() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "template" not in path.parts)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[str]:
    """Every name that a module imports, wherever in its text."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            module = ".".join([*above, node.module] if node.module else above)
            yield from (f"{module}.{alias.name}" for alias in node.names)


@cache
def graph() -> Mapping[str, frozenset[str]]:
    """By the name of each module, the modules of this project that it imports."""
    names = {name_of(path): path for path in sources()}

    def module(name: str) -> str | None:
        return name if name in names else name.rpartition(".")[0] if name.rpartition(".")[0] in names else None

    return {
        name: frozenset(found for each in imported(path) if (found := module(each)) and found != name)
        for name, path in names.items()
    }


def package_of(module: str) -> str | None:
    """The package that holds a module; None for the root and for a third-party module."""
    parts = module.split(".")
    return parts[1] if parts[0] == "mcp_server" and len(parts) > 1 and (PACKAGE / parts[1]).is_dir() else None


def cycles() -> list[list[str]]:
    """Groups of modules that import each other, by Tarjan's algorithm."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in graph()[name]:
            if other not in order:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], order[other])
        if low[name] == order[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            found.extend([group] if len(group) > 1 else [])

    for name in graph():
        if name not in order:
            visit(name)
    return found
