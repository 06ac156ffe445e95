"""What a session pays for a server's tool list before the first call: `python -m benchmarks.tool_lists --peers DIR`.

o200k tokens of name, description and input schema of each tool, of this server and of others, which are installed
into DIR once (pip, npm) and started with made-up settings and no network. Prints a table in markdown.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpe_openai

from benchmarks.server import BOUND, PUMP, Client

OFFLINE = ["unshare", "--net", "--map-root-user"]
NAMED = ("name", "description", "inputSchema")


@dataclass(frozen=True)
class Peer:
    """`package` as pip or npm knows it, `program` what it installs."""

    package: str
    program: str
    arguments: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict[str, str])
    npm: bool = False

    def command(self, folder: Path) -> list[str]:
        place = folder / ("node/node_modules/.bin" if self.npm else "py/bin") / self.program
        return [*OFFLINE, str(place), *self.arguments]


PEERS = (
    Peer("mcp-server-git", "mcp-server-git"),
    Peer("@modelcontextprotocol/server-filesystem", "mcp-server-filesystem", ("/tmp",), npm=True),
    Peer(
        "@modelcontextprotocol/server-github",
        "mcp-server-github",
        settings={"GITHUB_PERSONAL_ACCESS_TOKEN": "made-up"},
        npm=True,
    ),
    Peer("@sentry/mcp-server", "sentry-mcp", ("--access-token=made-up",), npm=True),
    Peer("@notionhq/notion-mcp-server", "notion-mcp-server", settings={"NOTION_TOKEN": "made-up"}, npm=True),
    Peer("rootly-mcp-server", "rootly-mcp-server", settings={"ROOTLY_API_TOKEN": "made-up"}),
    Peer("mcp-grafana", "mcp-grafana", settings={"GRAFANA_URL": "http://127.0.0.1:9"}),
    Peer("pagerduty-mcp", "pagerduty-mcp", settings={"PAGERDUTY_USER_API_KEY": "made-up"}),
    Peer(
        "pagerduty-mcp",
        "pagerduty-mcp",
        ("--enable-write-tools",),
        settings={"PAGERDUTY_USER_API_KEY": "made-up"},
    ),
)


def install(folder: Path, interpreter: str) -> None:
    """All peers that are not there yet."""
    python, node = folder / "py", folder / "node"
    wanted = [
        {p.package for p in PEERS if p.npm == npm and not Path(p.command(folder)[3]).exists()} for npm in (0, 1)
    ]
    if wanted[0]:
        subprocess.run([interpreter, "-m", "venv", python], check=True)
        subprocess.run([python / "bin" / "pip", "install", "-q", *wanted[0]], check=True)
    if wanted[1]:
        options = ["--silent", "--no-audit", "--no-fund", "--prefix", str(node)]
        subprocess.run(["npm", "install", *options, *wanted[1]], check=True)


def listed(command: list[str], env: dict[str, str]) -> list[dict[str, Any]]:
    """All pages of a server's tools/list."""
    client, tools, cursor = Client(command, env), list[dict[str, Any]](), ""
    while True:
        page = client.ask("tools/list", **({"cursor": cursor} if cursor else {}))["result"]
        tools += page["tools"]
        cursor = page.get("nextCursor")
        if not cursor:
            client.process.kill()
            client.process.communicate(timeout=BOUND)
            return tools


def tokens(tools: Iterable[dict[str, Any]]) -> int:
    kept = [{name: tool[name] for name in NAMED if name in tool} for tool in tools]
    encoding = bpe_openai.get_encoding("o200k_base")
    return sum(len(encoding.encode(json.dumps(tool, ensure_ascii=False, separators=(",", ":")))) for tool in kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, required=True, help="where the other servers are installed")
    parser.add_argument("--python", default=sys.executable, help="an interpreter for those of PyPI (some need 3.12)")
    options = parser.parse_args()
    folder: Path = options.peers.absolute()
    install(folder, options.python)
    print("| server | tools | tokens |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as home:
        env = {"PATH": os.environ["PATH"], "HOME": home, "OPS_HOME": f"{home}/state", "OPS_SHARED": "0"}
        for name, command, settings in (
            ("ops", PUMP, dict[str, str]()),
            *((f"{p.package} {' '.join(p.arguments[:1])}".strip(), p.command(folder), p.settings) for p in PEERS),
        ):
            try:
                tools = listed(command, env | settings)
            except (RuntimeError, OSError, KeyError) as error:
                print(f"left out: {name}: {error}", file=sys.stderr)
                continue
            print(f"| {name} | {len(tools)} | {tokens(tools):,} |")


if __name__ == "__main__":
    main()
