"""The command line's grammar: nouns, verbs and options, made from the operations."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from mcp_server import __version__
from mcp_server.cli.options import add_parameter
from mcp_server.cli.parser import Parser
from mcp_server.kernel.checked import described
from mcp_server.operation.operation import Operation

_NOUNS: Final = {
    "adr": "Propose and decide decision records",
    "agent": "Start, watch, stop, add and remove agents",
    "branch": "Work on the role branch",
    "config": "Plan, sync and roll back the agents' configs",
    "docs": "Check and render the documentation",
    "fleet": "Audit and update the fleet",
    "guard": "Check commands against the fleet's policy and install its hooks",
    "incident": "Open, update and report incidents",
    "index": "Search the runbooks",
    "notice": "Send notifications",
    "pr": "Open and merge pull requests",
    "release": "Prepare a release",
    "research": "Write research notes",
    "runbook": "Read and add runbooks",
    "serve": "Run the MCP server, over stdio or HTTP",
    "serve token": "Manage the tokens of HTTP clients",
    "session": "Run the hooks of a session",
    "token": "Check and refresh logins",
}
"What the help says about each noun."


def grammar(operations: Iterable[Operation]) -> Parser:
    """The parser for calls of these operations. A parsed call holds its `operation` and the parameters given."""
    parser = Parser(
        prog="ops",
        description="Operate a fleet of coding agents: logins, configs, branches, runbooks and incidents.",
        parents=[_common(None)],
    )
    parser.add_argument("--version", action="version", version=f"ops {__version__}", help="print the version")
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
    """A noun, or two as in `ops serve token add`, and its verbs."""

    parser: Parser
    verbs: Any


def _group(nouns: Any, groups: dict[tuple[str, ...], _Group], path: tuple[str, ...], title: str) -> _Group:
    if path not in groups:
        above = _group(nouns, groups, path[:-1], title).verbs if path[:-1] else nouns
        about = _NOUNS.get(" ".join(path), title)
        parser: Parser = above.add_parser(
            path[-1], help=about, description=f"{about}.", parents=[_common(argparse.SUPPRESS)]
        )
        verbs = parser.add_subparsers(metavar="VERB", required=True, parser_class=Parser)
        groups[path] = _Group(parser, verbs)
    return groups[path]


def _add_operation(verbs: Any, verb: str, operation: Operation) -> Parser:
    parser: Parser = verbs.add_parser(
        verb, help=operation.title, description=operation.summary, parents=[_common(argparse.SUPPRESS)]
    )
    parser.set_defaults(operation=operation)
    for name, field in described(operation.params).items():
        add_parameter(parser, operation, name, field)
    if operation.each:
        option = f"--{operation.each[0]}"
        parser.add_argument(option, type=Path, metavar="FILE", help="answer each line of FILE with a line of JSON")
    return parser


def _add_programs(nouns: Any, groups: dict[tuple[str, ...], _Group]) -> None:
    nouns.add_parser("demo", help="Run ops on an example fleet", add_help=False)
    options = _common(argparse.SUPPRESS)
    serve = _group(nouns, groups, ("serve",), "")
    serve.parser.set_defaults(server_command="serve")
    serve.verbs.required = False  # `ops serve` alone is the server on stdio
    http = serve.parser.add_argument_group("streamable HTTP")
    http.add_argument("--http", metavar="HOST:PORT", help="serve over HTTP here; other hosts need a token")
    http.add_argument("--url", help="address that clients use, if it differs from HOST:PORT")
    http.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain, in PEM format")
    http.add_argument("--tls-key", type=Path, metavar="FILE", help="private key of the certificate, in PEM format")
    for verb, summary in (
        ("status", "Show the running servers and their clients"),
        ("stop", "Stop the servers once their calls are done"),
    ):
        serve.verbs.add_parser(verb, help=summary, parents=[options]).set_defaults(server_command=verb)
    log = nouns.add_parser("log", help="Show what the servers did, and every write", parents=[options])
    log.add_argument("--follow", action="store_true", help="keep printing new entries")
    log.add_argument("--limit", type=int, default=50, metavar="N", help="number of entries to show (default: 50)")
    log.set_defaults(server_command="log")


def _common(default: object) -> argparse.ArgumentParser:
    """The options of every call, before the noun or after the verb."""
    common = argparse.ArgumentParser(add_help=False, argument_default=default)
    common.add_argument("--json", action="store_true", help="print one JSON document", default=default)
    common.add_argument("--fleet", type=Path, metavar="DIR", help="folder that holds the agents")
    common.add_argument("--agent", metavar="NAME", help="act as this agent (default: $AGENT_NAME)")
    return common
