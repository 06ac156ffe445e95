"""A sync whose process is killed, or whose disk fails, at any system call; and on a disk that is full or read-only.

Bounded as it stands here; with OPS_FULL=1 every call has its turn. What it fails at is drawn by OPS_E2E_SEED,
which is printed where the test fails.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.config_faults import FAILING
from tests.fixtures.configs import MASTER, OWN, ConfigFleet, configs
from tests.fixtures.lengths import CONFIG_FAULTS

__all__ = ["configs"]  # the fixture
pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("fault", FAILING)
def test_the_old_or_the_new_config_stands_and_the_next_sync_repairs(configs: ConfigFleet, fault: str) -> None:
    for other in ("opus-2", "pm-1"):
        configs.path(other).unlink()
        configs.path(other).parent.rmdir()
    seed = os.environ.get("OPS_E2E_SEED") or str(random.randrange(10**6))
    command = [sys.executable, "-m", "tests.e2e.config_faults", str(configs.root), fault, str(CONFIG_FAULTS)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "OPS_E2E_SEED": seed},
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    attempts: list[Any] = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(attempts) == min(CONFIG_FAULTS, attempts[0]["of"])
    for tried in attempts:
        about = f"seed {seed}, {fault} at {tried['call']} of {tried['of']}: {tried['result']}"
        assert tried["found"] == (OWN if tried["old"] else {**OWN, **MASTER}), about
        assert tried["old"] or tried["backed_up"], about
        assert (tried["repaired"], tried["states"]) == ({**OWN, **MASTER}, ["in_sync"]), about
        assert not (tried["old"] and tried["locks"]), about  # who has to write clears it away
        if tried["result"] is None:
            assert fault == "signal=KILL", about
        else:
            assert tried["left"] == [] or tried["call"][0].startswith("unlink"), about
            assert tried["result"][0] in ("applied", "failed"), about
            assert tried["result"][0] != "applied" or not tried["old"], about  # no false success
    if fault == "signal=KILL":
        assert sum(tried["result"] is None for tried in attempts) > len(attempts) * 0.9


@pytest.mark.parametrize("where", ["fleet", "state"])
@pytest.mark.parametrize("trouble", ["full", "read-only", "quota"])
def test_on_a_disk_that_takes_nothing_the_old_config_stands_until_it_does(
    configs: ConfigFleet, where: str, trouble: str
) -> None:
    """A real file system of a few pages, in a mount namespace of its own."""
    state = Path(os.environ["OPS_HOME"])
    state.mkdir(parents=True, exist_ok=True)
    mounted = configs.root if where == "fleet" else state
    program = [sys.executable, "-m", "tests.e2e.small_disk", str(configs.root), str(mounted), trouble]
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", *program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    hindered, later = json.loads(done.stdout)
    assert hindered["states"] in (["failed"] * 3, ["unavailable"]), hindered
    assert hindered["found"] == [OWN] * 3
    assert hindered["left"] == []
    assert hindered["why"], hindered
    assert later["states"] == ["applied"] * 3
    assert later["found"] == [{**OWN, **MASTER}] * 3
