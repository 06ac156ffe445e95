"""Makes docs/demo.svg from a real run of the demo: `.venv/bin/python docs/picture.py`."""

import io
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from mcp_server.demo.judge import verdict
from mcp_server.demo.run import run
from mcp_server.demo.show import show


def main() -> None:
    console = Console(record=True, width=112, file=io.StringIO(), force_terminal=True, highlight=False)
    with tempfile.TemporaryDirectory(prefix="ops-demo-") as folder:
        result = verdict(run(Path(folder).resolve(), lambda _, __: None))
    rows = (replace(row, next=row.next and row.next.replace(str(result.folder), "~")) for row in result.rows)
    show(console, replace(result, rows=tuple(rows)))
    console.save_svg(str(Path(__file__).with_name("demo.svg")), title="ops demo")


if __name__ == "__main__":
    main()
