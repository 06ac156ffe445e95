"""A stand-in for the Gemini CLI where its answers are to be chosen: it says what the test wrote beside it.

The real one, with a model on loopback, is run in `tests/e2e/test_research.py`.
"""

import json
from pathlib import Path
from typing import Any

from tests.script import write_script

SOURCE = """
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
asked = sorted(here.glob("asked-*.json"))
told = {"prompt": sys.stdin.read(), "arguments": sys.argv[1:]}
told |= {"environment": dict(os.environ), "folder": os.listdir()}
(here / f"asked-{len(asked)}.json").write_text(json.dumps(told))
answers = json.loads((here / "answers.json").read_text())
answer = answers[min(len(asked), len(answers) - 1)]
print("Warning: 256-color support not detected.", file=sys.stderr)
if isinstance(answer, int):
    error = {"message": "no such model sk-ant-oat01-" + "c" * 20, "code": answer}
    print(json.dumps({"error": error}), file=sys.stderr)
    sys.exit(answer)
print(json.dumps({"session_id": "x", "response": answer}, indent=2))
"""


class StandInGemini:
    """Answers the n-th question with the n-th answer; a number is an exit code."""

    def __init__(self, folder: Path, *answers: str | int) -> None:
        folder.mkdir()
        self._folder, self.path = folder, folder / "gemini"
        write_script(self.path, SOURCE)
        (folder / "answers.json").write_text(json.dumps(answers))

    @property
    def asked(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text()) for path in sorted(self._folder.glob("asked-*.json"))]
