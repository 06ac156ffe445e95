"""Mutants of the rules of a package: the pure modules, which neither read nor change the world."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import Final, Literal

Outcome = Literal["noticed", "timed out", "survives"]

_NOT_PURE: Final = ("look_", "write_", "findings", "__init__")
_IMPORTS: Final = r"^\s*(from|import) .*(mcp_server\.system|\blook_|\bwrite_)"
_DOES_MORE: Final = re.compile(rf"= Operation\(|{_IMPORTS}", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    module: str
    row: int
    operator: str
    code: str

    def difference(self, original: str) -> Iterator[str]:
        lines = unified_diff(original.splitlines(), self.code.splitlines(), lineterm="", n=0)
        return (f"    {line}" for line in islice(lines, 3, None))


def drawn(python: str, root: Path, package: str, seed: int, count: int) -> list[Mutant]:
    command = [python, str(Path(__file__).with_name("draw.py")), str(seed), str(count), *_rules(root, package)]
    ran = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True)
    return [Mutant(**json.loads(line)) for line in ran.stdout.splitlines()]


def _rules(root: Path, package: str) -> list[str]:
    files = sorted((root / "mcp_server" / package).rglob("*.py"))
    pure = [file for file in files if not file.name.startswith(_NOT_PURE)]
    return [str(file.relative_to(root)) for file in pure if not _DOES_MORE.search(file.read_text("utf-8"))]
