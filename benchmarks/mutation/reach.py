"""What tests call: PACKAGE FILE records it for the tests of a package that pass, without the slow ones."""

import ast
import json
import sys
import threading
from collections.abc import Generator
from itertools import accumulate
from pathlib import Path
from time import process_time
from types import FrameType
from typing import Final

import pytest

Reach = dict[str, tuple[float, list[tuple[str, int]]]]
"Test -> its processor time in seconds, and the functions that it calls, as file and first line."

_SLOW: Final = "not killed and not callers_at_once and not main_never_moves and not rollback_of_any"
_SECONDS: Final = 40
_TESTS: Final = {
    "logins": "trouble shadowing claude_login codex_and_gemini check stores hazards",
    "configs": "three_way redaction toml_text other_clients desired",
    "guard": "lines policy corpus check server_rules git_options budget heredocs",
    "records": "incident_rules timeline decision incident incident_report incident_update release research",
}
"The tests of rules, which are fast: `test_NAME.py` in the folder of the package."


class _Recorder:
    def __init__(self, package: str) -> None:
        self.reach: Reach = {}
        self._root = f"{Path.cwd()}/"
        self._prefix = f"{self._root}mcp_server/{package}/"
        self._failed: set[str] = set()
        self._called: set[tuple[str, int]] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._called, start = set(), process_time()
        threading.settrace(self._trace)
        sys.settrace(self._trace)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            if item.nodeid not in self._failed:
                self.reach[item.nodeid] = (process_time() - start, sorted(self._called))

    def _trace(self, frame: FrameType, _event: str, _argument: object) -> None:
        if frame.f_code.co_filename.startswith(self._prefix):
            self._called.add((frame.f_code.co_filename.removeprefix(self._root), frame.f_code.co_firstlineno))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.add(report.nodeid)


def tests_for(reach: Reach, module: str, row: int, source: str) -> list[str]:
    """The fastest tests that call the function around a line, within the time for a mutant.

    What runs when a module is loaded is called by no test, and may matter to each.
    """
    around = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    spans = [(min([n.lineno, *(d.lineno for d in n.decorator_list)]), n.end_lineno or n.lineno) for n in around]
    first = max((start for start, end in spans if start <= row <= end), default=None)
    found = [
        (seconds, test) for test, (seconds, calls) in reach.items() if first is None or (module, first) in calls
    ] or [(seconds, test) for test, (seconds, _) in reach.items()]
    so_far = accumulate(seconds for seconds, _ in sorted(found))
    return [test for (_, test), total in zip(sorted(found), so_far, strict=True) if total <= _SECONDS]


def load(file: Path) -> Reach:
    read: Reach = json.loads(file.read_text("utf-8"))
    return {test: (seconds, [(name, line) for name, line in calls]) for test, (seconds, calls) in read.items()}


def main(package: str, file: Path) -> None:
    recorder = _Recorder(package)
    files = [Path("tests", package, f"test_{name}.py") for name in _TESTS[package].split()]
    tests = [str(each) for each in files if each.exists()]
    pytest.main(["-q", "-p", "no:cacheprovider", "-k", _SLOW, "-m", "not e2e", *tests], plugins=[recorder])
    file.write_text(json.dumps(recorder.reach), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
