"""A cancelled call ends soon while it waits, but never once it has begun to change something."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from mcp_server.kernel.cancellation import cancellable, in_same_call
from mcp_server.kernel.errors import CancelledCallError, OpsError
from mcp_server.system.child_processes import wait_for
from mcp_server.system.containers import Containers
from mcp_server.system.files import Files
from mcp_server.system.locks import directory_lock, host_lock

BOUND = 60.0
FOR_EVER = [sys.executable, "-c", "import signal; print('on', flush=True); signal.pause()"]


def enter(lock: AbstractContextManager[object]) -> None:
    with lock:
        pass


def test_waiting_for_a_lock_ends_when_the_call_is_cancelled(tmp_path: Path) -> None:
    path, folder = tmp_path / "a.lock", tmp_path / "b.lock"
    with host_lock(path, BOUND), directory_lock(folder, BOUND):
        for lock in (host_lock(path, BOUND), directory_lock(folder, BOUND, BOUND)):
            with pytest.raises(CancelledCallError):
                cancellable(lambda: True, partial(enter, lock))
    assert not folder.exists()


def test_a_call_that_has_written_a_file_is_not_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"

    def work() -> None:
        Files(tmp_path / "state").replace(tmp_path / "file", b"new", inside=tmp_path)
        enter(host_lock(path, 0.1))

    with host_lock(path, BOUND), pytest.raises(OpsError) as refused:
        cancellable(lambda: True, work)
    assert refused.value.kind == "conflict"
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_program_of_a_cancelled_call_is_killed_even_in_a_thread_of_a_pool() -> None:
    process = subprocess.Popen(FOR_EVER, stdout=subprocess.PIPE, start_new_session=True)

    def work() -> object:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(in_same_call(lambda: wait_for(process, BOUND))).result()

    with pytest.raises(CancelledCallError):
        cancellable(lambda: True, work)
    assert process.returncode
    assert process.stdout
    assert process.stdout.closed


def test_a_program_that_takes_too_long_is_killed_and_its_output_is_kept() -> None:
    with subprocess.Popen(FOR_EVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        output = wait_for(process, 5.0, b"x")
    assert output == (b"on\n", b"", False)


def test_a_container_engine_that_does_not_answer_does_not_delay_a_cancelled_call(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\nsleep 600 &\nwait\n")
    docker.chmod(0o755)
    engine = Containers({"PATH": f"{tmp_path}:{os.environ['PATH']}"}, patience=BOUND)
    with pytest.raises(CancelledCallError):
        cancellable(lambda: True, engine.all)
