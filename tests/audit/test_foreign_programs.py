"""A clone names programs in every setting that git would run: no look at the fleet starts one of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.system.folders import names_in
from tests.fixtures.clones import commit, git

LOOKS = [
    ("fleet", "audit", "--fetch"),
    ("docs", "check"),
    ("incident", "open", "--title", "Leak", "--severity", "sev3", "--summary", "Fluid", "--agents", "opus-1"),
    ("config", "plan"),
    ("index", "check", "token expired"),
    ("session", "start"),
    ("fleet", "pull"),
]
ONE_NAME = (
    *("core.fsmonitor", "core.sshCommand", "core.askPass", "core.pager", "core.editor", "core.gitProxy"),
    *("core.alternateRefsCommand", "diff.external", "gpg.program", "gpg.ssh.program", "sequence.editor"),
    *(
        "credential.helper",
        "uploadpack.packObjectsHook",
        "pager.status",
        "pager.log",
        "pager.diff",
        "gc.recentObjectsHook",
    ),
    *("diff.planted.command", "diff.planted.textconv", "merge.planted.driver", "trailer.planted.command"),
    *("filter.planted.clean", "filter.planted.smudge", "filter.a b.c=d.process", "filter.a b.c=d.clean"),
    *("remote.origin.uploadpack", "remote.origin.receivepack", "hook.planted.command", "interactive.diffFilter"),
)
HOOKS = (
    "post-index-change",
    "reference-transaction",
    "pre-auto-gc",
    "post-checkout",
    "post-merge",
    "fsmonitor-watchman",
)


def plant(clone: Path, folder: Path) -> Path:
    """Every setting names a program that leaves a file with the setting's name; returns the folder of these."""
    ran = folder / "ran"
    ran.mkdir(exist_ok=True)
    for number, name in enumerate(ONE_NAME):
        program = script(folder / f"program-{number}", ran / name.replace("/", "-"))
        git(clone, "config", name, f"!{program}" if name.startswith("credential") else str(program))
    for name in HOOKS:
        script(clone / ".git" / "hooks" / name, ran / f"hook {name}")
    shell = f"touch '{ran / 'alias'}'"
    for alias in ("status", "log", "diff"):
        git(clone, "config", f"alias.{alias}", f"!{shell}")
    included = folder / "included"
    included.write_text(f"[filter \"included\"]\n\tclean = touch '{ran / 'included'}'; cat\n")
    git(clone, "config", "include.path", str(included))
    plant_elsewhere(clone, ran)
    for event in ("reference-transaction", "post-index-change"):
        git(clone, "config", "--add", "hook.planted.event", event)
    git(clone, "config", "log.showSignature", "true")
    git(clone, "config", "status.submoduleSummary", "true")
    git(clone, "config", "diff.submodule", "log")
    git(clone, "config", "submodule.recurse", "true")
    git(clone, "config", "fetch.recurseSubmodules", "true")
    attributes = "*.md filter=planted diff=planted merge=planted\n*.txt filter=a\\ b.c=d\n*.yml filter=included\n"
    (clone / ".git" / "info" / "attributes").write_text(attributes)
    for file in clone.rglob("*"):
        if (
            ".git" not in file.parts
            and file.is_file()
            and (file.suffix == ".md" or {"db", "package.json"} & {*file.parts})
        ):
            os.utime(file, (1, 1))
    return ran


def plant_elsewhere(clone: Path, ran: Path) -> None:
    """Settings outside of the clone's own configuration, and repositories that are programs."""
    (clone / ".git" / "config.worktree").write_text(f"[filter \"worktree\"]\n\tclean = touch '{ran}/worktree'\n")
    (clone / ".git" / "if").write_text(f"[filter \"if\"]\n\tprocess = touch '{ran}/included-if'\n")
    (clone / ".git" / "attributes-file").write_text("db/** filter=worktree\npackage.json filter=if\n")
    for name, value in (
        ("extensions.worktreeConfig", "true"),
        ("protocol.ext.allow", "always"),
        ("remote.planted.url", f"ext::touch {ran}/remote"),
        ("remote.planted.promisor", "true"),
        ("remote.planted.partialCloneFilter", "blob:none"),
        ("fetch.bundleURI", f"ext::touch {ran}/bundle"),
        (f"includeIf.gitdir:{clone}/.path", "if"),
        ("core.attributesFile", str(clone / ".git" / "attributes-file")),
    ):
        git(clone, "config", name, value)


def script(path: Path, mark: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    then = "exec cat" if mark.name.startswith("filter") else "exit 1"
    path.write_text(f"#!/bin/sh\n: >'{mark}'\n{then}\n")
    path.chmod(0o755)
    return path


def submodule_in(clone: Path, folder: Path) -> None:
    """A repository in the clone, entered as a submodule, with settings of its own."""
    inner = clone / "inner"
    git(clone, "init", "--quiet", "inner")
    commit(inner, "in.txt")
    git(clone, "add", "inner")
    git(clone, "commit", "--quiet", "--no-verify", "-m", "a submodule")
    plant(inner, folder)
    (inner / "in.txt").write_text("changed\n")


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_no_look_runs_a_program_that_a_clone_names(words: tuple[str, ...], six: DemoFleet, tmp_path: Path) -> None:
    submodule_in(six.agent("opus-1"), tmp_path)
    for name in ("opus-1", "ops-1"):
        ran = plant(six.agent(name), tmp_path)
    variables = {"PATH": os.environ["PATH"], "HOME": str(six.home), "OPS_HOME": str(six.folder / "state")}
    command = [sys.executable, "-I", "-m", "mcp_server.cli", "--json", "--fleet", str(six.root), "--agent", "ops-1"]
    done = subprocess.run([*command, *words], capture_output=True, text=True, timeout=200, check=False, env=variables)
    assert done.returncode in (0, 1), done.stderr
    assert not names_in(ran)


def test_git_itself_runs_what_was_planted(six: DemoFleet, tmp_path: Path) -> None:
    """Otherwise the test before this one would prove nothing."""
    clone = six.agent("opus-1")
    submodule_in(clone, tmp_path)
    ran = plant(clone, tmp_path)
    for words in (["status"], ["fetch", "origin"]):
        subprocess.run(["git", *words], cwd=clone, capture_output=True, check=False, timeout=60)
    git(clone, "config", "--unset", "core.fsmonitor")
    subprocess.run(["git", "status"], cwd=clone, capture_output=True, check=False)
    expected = {"core.fsmonitor", "filter.planted.clean", "remote.origin.uploadpack", "worktree", "included-if"}
    assert expected <= set(names_in(ran))
