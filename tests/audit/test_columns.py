"""Columns of the audit that tell what a clone's files alone say: its guard, the version of its client."""

import os

from mcp_server.audit.look_fleet import audit
from mcp_server.demo.fleet import DemoFleet
from mcp_server.guard.install import GUARD_INSTALL, GUARD_UNINSTALL
from mcp_server.server.wiring import context_of
from tests.audit.test_fleet_audit import audited, codes, context, row
from tests.fixtures.clones import git


def test_the_version_of_another_client_is_read_from_its_package_and_not_guessed(six: DemoFleet) -> None:
    package = six.folder / "lib" / "@openai" / "codex"
    (package / "bin").mkdir(parents=True)
    (package / "package.json").write_text('{"name": "@openai/codex", "version": "0.9.1"}')
    (package / "bin" / "codex.js").write_text("#!/bin/sh\nexit 1\n")
    (package / "bin" / "codex.js").chmod(0o755)
    (bin_ := six.folder / "bin").mkdir()
    (bin_ / "codex").symlink_to(package / "bin" / "codex.js")
    path = f"{bin_}:{os.environ['PATH']}"
    environment = {"HOME": str(six.home), "OPS_HOME": str(six.folder / "state"), "PATH": path}
    context = context_of(environment, six.root, fleet=six.root)
    found = audit(context, context.agents(["codex-1", "test-1"]), ask=False)
    assert [each.client for each in found.agents] == ["0.9.1", None]
    (bin_ / "codex").unlink()
    (bin_ / "codex").write_text("#!/bin/sh\necho 9.9.9\n")
    (bin_ / "codex").chmod(0o755)
    assert row(audit(context, context.agents(["codex-1"]), ask=False), "codex-1").client == "unknown"


def test_a_guard_that_was_in_force_and_no_longer_is_is_a_finding_and_one_that_was_taken_out_is_none(
    six: DemoFleet,
) -> None:
    clone, found = six.agent("opus-1"), ("opus-1", "guard_inert")
    GUARD_INSTALL.run(context(six), GUARD_INSTALL.params.of({"clones": [str(clone)]}))
    assert row(audited(six), "opus-1").guard == "blocks"
    assert found not in codes(audited(six))
    git(clone, "config", "core.hooksPath", "/dev/null")
    assert found in codes(audited(six))
    git(clone, "config", "--unset", "core.hooksPath")
    git(clone, "worktree", "add", "--quiet", "-b", "opus/tree", str(six.folder / "tree"))
    assert found not in codes(audited(six))
    git(clone, "config", "extensions.worktreeConfig", "true")
    git(six.folder / "tree", "config", "--worktree", "core.hooksPath", "hooks")
    assert row(audited(six), "opus-1").guard == "inert"
    assert found in codes(audited(six))
    git(clone, "worktree", "remove", str(six.folder / "tree"))
    GUARD_UNINSTALL.run(context(six), GUARD_UNINSTALL.params.of({"clones": [str(clone)]}))
    assert row(audited(six), "opus-1").guard == "inert"
    assert found not in codes(audited(six))
