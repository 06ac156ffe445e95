"""`ops demo`: runs ops on an example fleet. Exit code 0: every fault was found and every effect is on disk."""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from mcp_server.demo.run import run
from mcp_server.demo.show import invitation, report
from mcp_server.demo.verify import verify
from mcp_server.kernel.colour import shows_colours
from mcp_server.kernel.document import as_json
from mcp_server.kernel.errors import OpsError

_STARTED = time.monotonic()
_NOTE = "All tokens are made up. A stand-in takes the place of the claude binary; nothing leaves this machine."


def main(arguments: list[str]) -> int:
    options = _grammar().parse_args(arguments)
    print(_NOTE, file=sys.stderr)
    try:
        with _folder(options.folder, keep=options.keep) as folder:
            record = run(folder, report_step)
            result = verify(record)
            if options.json:
                print(json.dumps(as_json(result), indent=1, ensure_ascii=False))
            else:
                print(report(result, colours=shows_colours(sys.stdout, os.environ)))
            if options.keep:
                print(invitation(record.fleet), file=sys.stderr if options.json else sys.stdout)
    except OpsError as error:
        if options.json:
            print(json.dumps(error.document()))
        print(f"ops: {error.message}\nNext: {error.next}", file=sys.stderr)
        return 1
    except Exception:  # a crash, or a server that does not start; nothing here is secret
        traceback.print_exc()
        return 3
    return 0 if result.good else 1


def _grammar() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ops demo", description="Run ops on an example fleet.")
    parser.add_argument("--keep", action="store_true", help="keep the fleet and print how to use it")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--folder", type=_new, metavar="DIR", help="build the fleet in this new or empty folder")
    return parser


def _new(text: str) -> Path:
    path = Path(text).resolve()
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise argparse.ArgumentTypeError(f"{path} is not empty")
    return path


@contextmanager
def _folder(given: Path | None, *, keep: bool) -> Generator[Path]:
    """The folder of the run, deleted at the end unless `keep`."""
    folder = given or Path(tempfile.mkdtemp(prefix="ops-demo-")).resolve()
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def report_step(step: str, outcome: str) -> None:
    """A line on standard error: the time since the start of the program, the step and its outcome."""
    print(f"{time.monotonic() - _STARTED:5.1f} s  {step:<14} {outcome}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
