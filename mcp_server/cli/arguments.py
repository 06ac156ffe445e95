"""The command line's grammar, made from the operations' parameters."""

import argparse
import re
import shlex
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NamedTuple, NoReturn, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from mcp_server import __version__
from mcp_server.operation.operation import Operation

_MOST_CONTENT = 5_000_000
_TITLES: dict[tuple[str, ...], str] = {
    ("serve",): "The MCP server: on stdio, over HTTP",
    ("serve", "token"): "Tokens for its HTTP clients",
}
"Where the first of its operations does not tell what a noun is about."


_NOUN_OR_VERB = re.compile(r"argument (?:NOUN|VERB): invalid choice: '(.*)' \(choose from (.*)\)$", re.DOTALL)


class UsageError(Exception):
    """The words of a call do not fit; `usage` is the line that shows what does."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message)
        self.message = message
        self.usage = usage


class _CommandLine(argparse.Action):
    """A command line after `--`: one word as it stands, several as the words they are."""

    def __call__(
        self, parser: object, namespace: argparse.Namespace, values: Any, option_string: object = None
    ) -> None:
        setattr(namespace, self.dest, values[0] if len(values) == 1 else shlex.join(values))


class Parser(argparse.ArgumentParser):
    """argparse that reports instead of exiting, so that `--json` can answer in JSON."""

    def error(self, message: str) -> NoReturn:
        if wrong := _NOUN_OR_VERB.search(message):
            near = get_close_matches(wrong[1], re.findall(r"[\w-]+", wrong[2]), 1)
            raise UsageError(f"{self.prog} knows no {wrong[1]!r}", " ".join([self.prog, *near, "--help"]))
        if message.endswith((": NOUN", ": VERB")):
            raise UsageError(f"{self.prog} needs a {message[-4:]}", f"{self.prog} --help")
        raise UsageError(message, self.format_usage().strip())


def words(arguments: Iterable[str]) -> list[str]:
    """What a call begins with, without options but `--version`; the value of an option may be among them."""
    found, left = list[str](), iter(arguments)
    for argument in left:
        if argument in ("--fleet", "--agent"):
            next(left, None)
        elif not argument.startswith("-") or argument == "--version":
            found.append(argument)
    return found


def grammar(operations: Iterable[Operation]) -> Parser:
    """The parser of these operations' calls. A parsed call holds its `operation` and the parameters given to it."""
    parser = Parser(prog="ops", description="Operations for a fleet of coding agents.", parents=[_common(None)])
    parser.add_argument("--version", action="version", version=f"ops {__version__}")
    nouns = parser.add_subparsers(metavar="NOUN", required=True, parser_class=Parser)
    groups: dict[tuple[str, ...], _Group] = {}
    parsers: dict[str, Parser] = {}
    for operation in operations:
        if operation.flag_of:
            flag = f"--{operation.verb}"
            parsers[operation.flag_of].add_argument(
                flag, action="store_const", dest="operation", const=operation, help=operation.summary
            )
            continue
        *path, verb = operation.name.split("_")
        verbs = _group(nouns, groups, tuple(path), operation.title).verbs if path else nouns
        parsers[operation.name] = _add_operation(verbs, verb, operation)
    _add_programs(nouns, groups)
    return parser


class _Group(NamedTuple):
    """A noun, or two as in `ops serve token add`, and what takes its verbs."""

    parser: Parser
    verbs: Any


def _group(nouns: Any, groups: dict[tuple[str, ...], _Group], path: tuple[str, ...], title: str) -> _Group:
    if path not in groups:
        above = _group(nouns, groups, path[:-1], title).verbs if path[:-1] else nouns
        title = _TITLES.get(path, f"{title}, ...")
        parser: Parser = above.add_parser(path[-1], help=title, parents=[_common(argparse.SUPPRESS)])
        verbs = parser.add_subparsers(metavar="VERB", required=True, parser_class=Parser)
        groups[path] = _Group(parser, verbs)
    return groups[path]


def _add_operation(verbs: Any, verb: str, operation: Operation) -> Parser:
    parser: Parser = verbs.add_parser(
        verb,
        help=operation.title,
        description=operation.summary,
        parents=[_common(argparse.SUPPRESS)],
    )
    parser.set_defaults(operation=operation)
    for name, field in operation.params.model_fields.items():
        if name in operation.from_file:
            parser.add_argument(
                f"--{name}", type=_content, metavar="FILE", help=field.description, default=argparse.SUPPRESS
            )
        else:
            _add_parameter(parser, operation, name, field)
    if operation.each:
        option = f"--{operation.each[0]}"
        parser.add_argument(option, type=Path, metavar="FILE", help="one question a line, one JSON document each")
    return parser


def _add_programs(nouns: Any, groups: dict[tuple[str, ...], _Group]) -> None:
    nouns.add_parser("demo", help="Run the main job on an example fleet", add_help=False)
    options = _common(argparse.SUPPRESS)
    serve = _group(nouns, groups, ("serve",), "")
    serve.parser.set_defaults(server_command="serve")
    serve.verbs.required = False  # `ops serve` alone is the server on stdio
    http = serve.parser.add_argument_group("streamable HTTP")
    http.add_argument("--http", metavar="HOST:PORT", help="listen there; beyond loopback only with a token made")
    http.add_argument("--url", help="the address that clients know it by, where that is another one")
    http.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain (PEM)")
    http.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key (PEM)")
    for verb, summary in (("status", "Who is connected, and how it goes"), ("stop", "End it after its calls")):
        serve.verbs.add_parser(verb, help=summary, parents=[options]).set_defaults(server_command=verb)
    log = nouns.add_parser("log", help="What the server did, and every write", parents=[options])
    log.add_argument("--follow", action="store_true", help="go on with what comes")
    log.add_argument("--limit", type=int, default=50, metavar="N", help="the newest N entries (50)")
    log.set_defaults(server_command="log")


def _common(default: object) -> argparse.ArgumentParser:
    """The options of every call, accepted before the noun and after the verb."""
    common = argparse.ArgumentParser(add_help=False, argument_default=default)
    common.add_argument("--json", action="store_true", help="one JSON document on standard output", default=default)
    common.add_argument("--fleet", type=Path, metavar="DIR", help="the folder that holds the agents")
    common.add_argument("--agent", metavar="NAME", help="act as this agent (else AGENT_NAME)")
    return common


def _add_parameter(parser: argparse.ArgumentParser, operation: Operation, name: str, field: FieldInfo) -> None:
    kind, required = _bare(field.annotation), field.is_required()
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


def _bare(annotation: Any) -> Any:
    """`X | None` -> `X`."""
    if get_origin(annotation) in (UnionType, Union):
        return next(choice for choice in get_args(annotation) if choice is not type(None))
    return annotation


def _content(path: str) -> str:
    """What a file (or `-`: standard input) holds, bounded; bytes that are no UTF-8 are replaced."""
    try:
        with open(0 if path == "-" else path, "rb", closefd=path != "-") as file:  # 0 is stdin
            return file.read(_MOST_CONTENT).decode("utf-8", "replace")
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{path} cannot be read: {error.strerror}") from None


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]
