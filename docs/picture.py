"""Makes docs/demo.svg from a real run of the demo: `.venv/bin/python docs/picture.py`."""

import io
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from mcp_server.demo.run import run
from mcp_server.demo.show import report
from mcp_server.demo.verify import verify


def main() -> None:
    console = Console(record=True, width=112, file=io.StringIO(), force_terminal=True, highlight=False)
    with tempfile.TemporaryDirectory(prefix="ops-demo-") as folder:
        result = verify(run(Path(folder).resolve(), lambda _, __: None))
    rows = (replace(row, next=row.next and row.next.replace(str(result.folder), "~")) for row in result.rows)
    console.print(Text.from_ansi(report(replace(result, rows=tuple(rows)), colours=True)))
    console.save_svg(str(Path(__file__).with_name("demo.svg")), title="ops demo")


if __name__ == "__main__":
    main()
