"""The options and positional arguments of a command, made from an operation's parameters."""

import argparse
import shlex
from typing import Any, Literal, get_args, get_origin

from mcp_server.kernel.checked import Described
from mcp_server.operation.operation import Operation

_MOST_CONTENT = 5_000_000
"Bytes that are read of a file."


class _CommandLine(argparse.Action):
    """A command line after `--`: a single word is taken verbatim, several words are quoted and joined."""

    def __call__(
        self, parser: object, namespace: argparse.Namespace, values: Any, option_string: object = None
    ) -> None:
        setattr(namespace, self.dest, values[0] if len(values) == 1 else shlex.join(values))


def add_parameter(parser: argparse.ArgumentParser, operation: Operation, name: str, field: Described) -> None:
    """Add the option or positional argument for one parameter of an operation."""
    if name in operation.from_file:
        parser.add_argument(
            f"--{name}", type=_content, metavar="FILE", help=field.description, default=argparse.SUPPRESS
        )
        return
    kind, required = field.bare, field.is_required
    options: dict[str, Any] = {"help": field.description, "default": argparse.SUPPRESS, **_typed(kind)}
    if name in operation.positional:
        if get_origin(kind) is list:
            options["nargs"] = "*"
        elif name == "command":
            options.update(nargs="*", action=_CommandLine)
        elif not required:
            options["nargs"] = "?"
        options["metavar"] = name.upper().removesuffix("S")
        parser.add_argument(name, **options)
        return
    if get_origin(kind) is list and name in operation.repeated:
        options.update(action="append", metavar=name.upper().removesuffix("S"))
    elif get_origin(kind) is list:
        options.update(action="extend", type=_names, metavar="A,B")
    parser.add_argument(f"--{name.replace('_', '-')}", dest=name, required=required, **options)


def _typed(kind: Any) -> dict[str, Any]:
    if kind is bool:
        return {"action": "store_true"}
    if kind is int:
        return {"type": int, "metavar": "N"}
    if get_origin(kind) is Literal:
        return {"choices": get_args(kind)}
    return {}


def _content(path: str) -> str:
    """The content of a file (`-`: standard input), up to a limit; bytes that are not UTF-8 are replaced."""
    try:
        with open(0 if path == "-" else path, "rb", closefd=path != "-") as file:  # 0 is stdin
            return file.read(_MOST_CONTENT).decode("utf-8", "replace")
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{path} cannot be read: {error.strerror}") from None


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]
