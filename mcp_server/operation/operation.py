"""The description of an operation, from which the MCP tool and the command are made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from mcp_server.kernel.checked import Checked
from mcp_server.operation.context import Context


class Effect(Enum):
    READ = "read"
    WRITE = "write"


class Params(Checked):
    """The parameters of an operation, each with a description. As it is: the parameters of one that takes none."""

    required_in_tools: ClassVar[tuple[str, ...]] = ()
    "Parameters that a tool call must give although the command line may leave them out."


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One capability: the MCP tool `name` and the command `ops <noun> <verb>` are made from it.

    `run` takes the context and an instance of `params` and returns a frozen dataclass, which `as_json` turns into the
    answer; `text` words the same for a person; `ok` decides between exit code 0 (yes) and 1 (no).
    """

    name: str
    title: str
    summary: str
    effect: Effect
    params: type[Params] = Params
    run: Callable[[Context, Any], Any]
    text: Callable[[Any], str]
    ok: Callable[[Any], bool] = lambda _: True
    positional: tuple[str, ...] = ()
    "Parameters that the command line takes by position, in order; a list takes the rest."
    shell_only: frozenset[str] = frozenset()
    "Parameters that only the command line offers: the tool's schema leaves them out."
    from_file: frozenset[str] = frozenset()
    "Text parameters for which the command line takes a file's path (`-` for standard input)."
    repeated: frozenset[str] = frozenset()
    "Lists whose members may hold commas: the command line takes the option once for each."
    each: tuple[str, Callable[[Context, Any, Iterable[str]], Iterable[Any]]] | None = None
    "An option of the command line that takes a file, and the function that answers each of its lines."
    coloured: Callable[[Any], Iterable[tuple[str, str | None]]] | None = None
    "The lines of `text`, each with its colour in a terminal, if it has one."
    grows: bool = False
    "Whether its work grows with the fleet: a server runs it in a worker process for a large fleet."
    human_only: bool = False
    "Whether a human must confirm each call, whatever the client was allowed."
    flag_of: str | None = None
    "The operation whose option this one is on the command line: `docs_fix` is `ops docs check --fix`."
    destructive: bool = False
    idempotent: bool = True
    open_world: bool = False

    @property
    def noun(self) -> str:
        return self.name.split("_")[0]

    @property
    def verb(self) -> str:
        """Empty for an operation that is only a noun: `ops role`."""
        return self.name.partition("_")[2]
