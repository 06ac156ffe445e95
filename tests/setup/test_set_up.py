"""The launchers on a machine with nothing but Python: the environment is made once, whole, and in its own folder."""

import json
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.setup.checkout import Checkout, make
from tests.setup.index import Index

DEAD_INDEX = {"PIP_FIND_LINKS": "", "PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "1"}


def files_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@dataclass(frozen=True)
class FirstRun:
    """A checkout after its first run, and what it printed and left."""

    checkout: Checkout
    code: int
    out: str
    err: str
    left_outside: frozenset[Path]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Generator[FirstRun]:
    """Set up by a caller who wants no bytecode, with a folder for temporary files."""
    folder = tmp_path_factory.mktemp("ready")
    with Index() as index:
        index.gate.set()
        checkout = make(folder / "a checkout", folder / "machine", index)
        (folder / "temporary").mkdir()
        before = files_below(folder) - files_below(checkout.folder)
        ran = checkout.run("bin/ops", "two words", PYTHONDONTWRITEBYTECODE="1", TMPDIR=str(folder / "temporary"))
        after = files_below(folder) - files_below(checkout.folder)
        yield FirstRun(checkout, *ran, left_outside=frozenset(after - before))


def test_the_first_run_makes_the_environment_and_runs_the_command(ready: FirstRun) -> None:
    outputs = json.loads(ready.out)
    assert ready.code == 0
    assert outputs["arguments"] == ["two words"]
    assert outputs["python"] == str(ready.checkout.venv / "bin" / "python")
    assert "1/3 making an environment" in ready.err
    assert "ready" in ready.err


def test_a_set_up_leaves_nothing_outside_its_folder(ready: FirstRun) -> None:
    assert not ready.left_outside
    assert not (ready.checkout.venv / "scratch").exists()


def test_bytecode_is_made_even_where_python_is_told_to_write_none(ready: FirstRun) -> None:
    compiled = {path.name.split(".")[0] for path in ready.checkout.folder.rglob("*.pyc")}
    sources = {path.stem for path in ready.checkout.folder.rglob("*.py")}
    assert sources <= compiled


def test_what_the_installers_say_is_for_the_owner_alone(ready: FirstRun) -> None:
    assert stat.S_IMODE((ready.checkout.venv / "setup.log").stat().st_mode) == 0o600


def test_the_second_run_says_nothing_and_needs_no_index(ready: FirstRun) -> None:
    code, _, err = ready.checkout.run("bin/ops", **DEAD_INDEX)
    assert (code, err) == (0, "")


def test_a_launcher_works_through_a_link_and_from_any_folder(ready: FirstRun, tmp_path: Path) -> None:
    link = tmp_path / "ops"
    link.symlink_to(ready.checkout.folder / "bin" / "ops")
    assert ready.checkout.run(str(link), **DEAD_INDEX)[0] == 0


def test_neither_the_callers_folder_nor_pythonpath_shadows_our_modules(ready: FirstRun, tmp_path: Path) -> None:
    for name in ("probe", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('shadowed')")
    shadowed = replace(ready.checkout, cwd=tmp_path)
    code, out, _ = shadowed.run("bin/ops", PYTHONPATH=str(tmp_path))
    assert code == 0
    assert json.loads(out)["probe"].startswith(str(ready.checkout.venv))


def test_a_copied_environment_is_not_taken_for_the_copys_own(ready: FirstRun, tmp_path: Path) -> None:
    copy = replace(ready.checkout, folder=tmp_path / "copy")
    shutil.copytree(ready.checkout.folder, copy.folder, symlinks=True)
    code, out, _ = copy.run("bin/ops")
    assert code == 0
    assert json.loads(out)["probe"].startswith(str(copy.folder))
    assert json.loads(out)["cli"].startswith(str(copy.folder))


def test_another_lock_or_a_lost_python_means_another_environment(checkout: Checkout) -> None:
    checkout.run("bin/ops")
    with (checkout.folder / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    assert "1/3 making an environment" in checkout.run("bin/ops")[2]
    (checkout.venv / "bin" / "python").unlink()
    assert "1/3 making an environment" in checkout.run("bin/ops")[2]
    assert checkout.run("bin/ops")[2] == ""


def test_the_development_lock_adds_to_the_environment_that_is_there(checkout: Checkout) -> None:
    checkout.run("bin/ops")
    kept = checkout.venv / "kept"
    kept.touch()
    code, _, err = checkout.run("bin/test", "--version")
    assert code == 1, "pytest is not in this lock"
    assert "No module named pytest" in err
    assert list(checkout.venv.glob("lib/*/site-packages/probedev"))
    assert kept.exists()
    assert checkout.run("bin/ops", **DEAD_INDEX)[0] == 0


def test_an_environment_with_the_development_tools_keeps_them_when_the_lock_changes(checkout: Checkout) -> None:
    checkout.run(*checkout.set_up, "requirements-dev.lock")
    with (checkout.folder / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    checkout.run("bin/ops")
    assert list(checkout.venv.glob("lib/*/site-packages/probedev"))


def test_packages_that_are_not_the_locked_ones_are_refused(checkout: Checkout) -> None:
    lock = checkout.folder / "requirements.lock"
    lock.write_text(f"probe==1.0 --hash=sha256:{'0' * 64}\n")
    code, out, err = checkout.run("bin/ops")
    assert (code, out) == (1, "")
    assert "could not install the packages" in err


def test_without_a_network_it_says_so_and_what_to_do(checkout: Checkout) -> None:
    code, out, err = checkout.run("bin/ops", **DEAD_INDEX)
    assert (code, out) == (1, "")
    assert "pip cannot reach the package index" in err
    assert "next: Connect to the network" in err
    assert "Traceback" not in err
    assert checkout.run("bin/ops")[0] == 0, "the network is back"


def test_an_environment_of_someone_else_is_left_alone(checkout: Checkout) -> None:
    checkout.venv.mkdir()
    (checkout.venv / "pyvenv.cfg").write_text("theirs")
    code, _, err = checkout.run("bin/ops")
    assert code == 1
    assert "was not made by ops" in err
    assert files_below(checkout.venv) == {checkout.venv / "pyvenv.cfg"}


def test_a_link_in_place_of_the_environment_is_not_followed(checkout: Checkout, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    checkout.venv.symlink_to(theirs)
    assert checkout.run("bin/ops")[0] == 1
    assert not list(theirs.iterdir())


def test_no_login_is_passed_on_to_an_installer(checkout: Checkout) -> None:
    uv = checkout.home / "bin" / "uv"
    uv.write_text('#!/bin/sh\n[ "$1" = --version ] || { env; exit 1; }\n')
    uv.chmod(0o755)
    code, _, err = checkout.run("bin/ops", ANTHROPIC_AUTH_TOKEN="canary", CLAUDE_CODE_OAUTH_TOKEN="canary")
    log = (checkout.venv / "setup.log").read_text()
    assert code == 0, "where uv fails, pip is tried"
    assert "uv could not install the packages" in err
    assert "PIP_FIND_LINKS" in log
    assert "canary" not in log


def test_a_newer_python_is_found_beside_an_old_one(checkout: Checkout) -> None:
    python = checkout.home / "bin" / "python3"
    python.rename(python.with_name("python3.12"))
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    assert checkout.run("bin/ops")[0] == 0


def test_without_a_python_that_is_new_enough_it_says_which_one(checkout: Checkout, tmp_path: Path) -> None:
    commands = tmp_path / "commands"
    commands.mkdir()
    for name in ("sh", "cat", "cmp", "readlink"):
        (commands / name).symlink_to(f"/usr/bin/{name}")
    code, _, err = checkout.run("bin/ops", PATH=str(commands))
    assert code == 1
    assert "Python 3.11 or newer is needed" in err
    assert "next: install it" in err


def first_complaint(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    return process.stderr.readline()


def test_a_killed_set_up_is_never_taken_for_a_ready_one(checkout: Checkout, index: Index) -> None:
    index.gate.clear()
    victim = checkout.start("bin/ops")
    assert index.requested.wait(60)
    os.killpg(victim.pid, signal.SIGKILL)
    victim.communicate(timeout=60)
    assert (checkout.venv / "bin" / "python").exists(), "half of it is there"
    index.gate.set()
    code, _, err = checkout.run("bin/ops")
    assert code == 0
    assert "1/3 making an environment" in err


def test_while_the_installer_of_a_killed_set_up_lives_nobody_builds_beside_it(
    checkout: Checkout, index: Index
) -> None:
    index.gate.clear()
    victim = checkout.start(*checkout.set_up, "requirements.lock")
    assert index.requested.wait(60)
    victim.kill()
    victim.wait(60)
    second = checkout.start("bin/ops")
    assert "another process sets up, waiting for it" in first_complaint(second)
    index.gate.set()
    victim.communicate(timeout=60)
    _, err = second.communicate(timeout=120)
    assert second.returncode == 0
    assert "1/3 making an environment" in err


def test_of_many_at_once_one_sets_up_and_all_run(checkout: Checkout, index: Index) -> None:
    index.gate.clear()
    processes = [checkout.start("bin/ops", str(number)) for number in range(8)]
    assert index.requested.wait(60)
    index.gate.set()
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [json.loads(out)["arguments"] for out, _ in outputs] == [[str(number)] for number in range(8)]
    assert sum("\nops: 1/3 making an environment" in err for _, err in outputs) == 1
    assert len(index.served) == 1


def test_those_who_waited_for_a_failed_set_up_fail_with_it(checkout: Checkout, index: Index) -> None:
    (checkout.folder / "requirements.lock").write_text(f"probe==1.0 --hash=sha256:{'0' * 64}\n")
    index.gate.clear()
    first = checkout.start("bin/ops")
    assert index.requested.wait(60)
    second = checkout.start("bin/ops")
    assert "another process sets up, waiting for it" in first_complaint(second)
    index.gate.set()
    first.communicate(timeout=120)
    _, err = second.communicate(timeout=120)
    assert (first.returncode, second.returncode) == (1, 1)
    assert "the set-up in another process failed" in err
    assert "1/3 making an environment" not in err


@pytest.fixture
def open_folder() -> Generator[Path]:
    """A folder that other users may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_a_checkout_that_cannot_be_written_uses_the_state_folder(open_folder: Path, index: Index) -> None:
    stranger = 65534 if os.geteuid() == 0 else None
    checkout = replace(make(open_folder / "read only", open_folder / "machine", index), user=stranger)
    state = open_folder / "state"
    state.mkdir(mode=0o777)
    state.chmod(0o777)
    before = files_below(checkout.folder)
    for folder in (checkout.folder, checkout.folder / "mcp_server"):
        folder.chmod(0o555)
    code, out, _ = checkout.run("bin/ops", OPS_HOME=str(state / "ops"))
    again = checkout.run("bin/ops", OPS_HOME=str(state / "ops"), **DEAD_INDEX)
    checkout.folder.chmod(0o755)
    assert code == 0
    assert json.loads(out)["python"].startswith(str(state / "ops" / "environments"))
    assert (again[0], again[2]) == (0, "")
    assert files_below(checkout.folder) == before
    assert stat.S_IMODE((state / "ops").stat().st_mode) == 0o700
