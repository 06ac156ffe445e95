"""The rendered files equal what the runbooks say."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

from mcp_server.knowledge.look_rendered import render_differences
from mcp_server.knowledge.render import DOCS_RENDER
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Params
from mcp_server.server.wiring import context_of

ROOT = Path(__file__).resolve().parents[2]


def in_pack(pack: Path) -> Context:
    context = context_of(os.environ, pack)
    return replace(context, world=replace(context.world, pack=pack))


def copy_of_the_pack(tmp_path: Path) -> Path:
    pack = tmp_path / "pack"
    shutil.copytree(ROOT / "runbooks", pack / "runbooks")
    shutil.copytree(ROOT / "commands", pack / "commands")
    return pack


def test_commands_and_index_are_what_the_runbooks_say() -> None:
    """If this fails, run: bin/ops docs render."""
    assert render_differences(context_of(os.environ, ROOT).world) == ()


def test_rendering_writes_only_the_files_that_differ(tmp_path: Path) -> None:
    pack = copy_of_the_pack(tmp_path)
    (pack / "commands" / "index_check.md").write_text("edited by hand\n")
    (pack / "runbooks" / "INDEX.md").unlink()
    result = DOCS_RENDER.run(in_pack(pack), Params())
    assert sorted(result.written) == ["commands/index_check.md", "runbooks/INDEX.md"]
    assert (pack / "commands" / "index_check.md").read_text() == (ROOT / "commands" / "index_check.md").read_text()
    assert DOCS_RENDER.run(in_pack(pack), Params()).written == ()


def test_a_command_without_a_runbook_is_reported_and_kept(tmp_path: Path) -> None:
    pack = copy_of_the_pack(tmp_path)
    (pack / "commands" / "own.md").write_text("by hand\n")
    result = DOCS_RENDER.run(in_pack(pack), Params())
    assert result.unexpected == ("commands/own.md",)
    assert not DOCS_RENDER.ok(result)
    assert (pack / "commands" / "own.md").read_text() == "by hand\n"
