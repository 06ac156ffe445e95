"""Runs one command of `bin/ops`: parses it, runs the operation, prints the answer.

Exit codes: 0 done or clean; 1 the answer is no, with the reason; 2 usage error; 3 a crash, with a log.
"""

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from mcp_server.cli.grammar import grammar
from mcp_server.cli.output import print_error, print_json, print_lines, print_text
from mcp_server.cli.parser import UsageError, words
from mcp_server.cli.programs import run_program
from mcp_server.cli.progress import progress_line
from mcp_server.kernel.checked import described
from mcp_server.kernel.colour import shows_colours
from mcp_server.kernel.document import as_json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.state_folder import state_folder
from mcp_server.operation.arguments import parameters
from mcp_server.operation.operation import Operation, Params
from mcp_server.server.catalogue import shell_catalogue


def main(arguments: list[str]) -> int:
    """Run one command line and return the exit code. Errors and crashes are reported here, in one place."""
    in_json = "--json" in arguments
    if arguments[:1] == ["demo"] or arguments == ["serve"]:
        return run_program(arguments)
    try:
        call = grammar(shell_catalogue(words(arguments))).parse_args(arguments)
        return _run(call) if "operation" in call else _ask_servers(call)
    except UsageError as error:
        _report(OpsError("invalid", error.message, error.usage), in_json=in_json)
        return 2
    except OpsError as error:
        _report(error, in_json=in_json)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader is gone, which is no error
        return 0
    except Exception as error:  # a defect of ops
        from mcp_server.server.crash import record_crash  # noqa: PLC0415

        _report(record_crash(error, state_folder(os.environ, Path.home())), in_json=in_json)
        return 3


def _ask_servers(call: Namespace) -> int:
    from mcp_server.cli.servers import SERVER_COMMANDS  # noqa: PLC0415  no other command waits for sockets

    return SERVER_COMMANDS[call.server_command](call)


def _run(call: Namespace) -> int:
    from mcp_server.server.audited import run  # noqa: PLC0415  the help and a usage error need no adapters
    from mcp_server.server.wiring import context_of  # noqa: PLC0415

    operation: Operation = call.operation
    names = described(operation.params)
    params = _checked(operation, {name: value for name, value in vars(call).items() if name in names})
    context = context_of(os.environ, Path.cwd(), fleet=call.fleet, agent=call.agent)
    context = replace(context, whole=True)
    if operation.each:
        option, answer_each = operation.each
        if file := getattr(call, option):
            return _answer_lines(partial(answer_each, context, params), file)
        if not getattr(params, operation.positional[0]):
            what = operation.positional[0].upper()
            raise UsageError(f"{operation.noun} {operation.verb} needs a {what} or --{option} FILE", f"Give a {what}")
    with progress_line() as line:
        result = run(operation, replace(context, watch=line) if line else context, params, "shell")
    if call.json:
        print_json(as_json(result))
    elif operation.coloured and shows_colours(sys.stdout, os.environ):
        print_lines(operation.coloured(result))
    else:
        print_text(operation.text(result))
    return 0 if operation.ok(result) else 1


def _checked(operation: Operation, given: dict[str, object]) -> Params:
    try:
        return parameters(operation, given)
    except OpsError as error:
        raise UsageError(error.message, error.next) from None


def _answer_lines(answer_each: Callable[[Iterable[str]], Iterable[object]], file: Path) -> int:
    """Print one JSON document per line of the file, each as soon as it is ready."""
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="\n") as lines:
            for answer in answer_each(lines):
                print_json(as_json(answer), indent=None)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise OpsError("not_found", message, f"Check the path: ls -la {file.parent}") from None
    return 0


def _report(error: OpsError, *, in_json: bool) -> None:
    document = error.document()
    if in_json:
        print_json(as_json(document))
    print_error(f"ops: {document['error']['message']}\nNext: {document['error']['next']}")
