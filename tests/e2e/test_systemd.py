"""The units of `ops token watch --systemd`, judged by systemd's own verifier and run as it would run them."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.logins.systemd import TOKEN_SYSTEMD
from mcp_server.operation.operation import Params
from tests.fixtures.logins import context

pytestmark = pytest.mark.e2e


def verified(folder: Path, service: str, timer: str) -> tuple[int, str]:
    """Exit code and complaints of `systemd-analyze verify`, as a user's manager reads the two."""
    paths = (folder / "ops-token-watch.service", folder / "ops-token-watch.timer")
    for path, text in zip(paths, (service, timer), strict=True):
        path.write_text(text)
    own = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    command = ["systemd-analyze", "--user", "--recursive-errors=yes", "verify", *map(str, paths)]
    done = subprocess.run(command, env=own, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["plugin", "a plugin, 50% of $HOME; %h"])
def test_systemd_itself_finds_nothing_wrong_with_the_units(fleet: DemoFleet, tmp_path: Path, name: str) -> None:
    """It looks for the program too: so what a path holds has come through."""
    program = tmp_path / name / "bin" / "ops"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    ctx = context(fleet)
    units = TOKEN_SYSTEMD.run(replace(ctx, world=replace(ctx.world, pack=tmp_path / name)), Params())
    assert verified(tmp_path, units.service, units.timer) == (0, "")


@pytest.mark.parametrize(("right", "wrong"), [("*:0/15", "now and then"), ("/bin/ops", "/none")])
def test_the_verifier_does_say_what_is_wrong(fleet: DemoFleet, tmp_path: Path, right: str, wrong: str) -> None:
    units = TOKEN_SYSTEMD.run(context(fleet), Params())
    _, report = verified(tmp_path, units.service.replace(right, wrong), units.timer.replace(right, wrong))
    assert wrong in report
