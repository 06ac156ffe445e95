"""`ops guard server` without a server: the ruleset that it prints, and the repository that it is for."""

import os
from pathlib import Path

import pytest

from mcp_server.guard.server_rules import GUARD_SERVER, ServerParams
from mcp_server.kernel.errors import OpsError
from mcp_server.server.wiring import context_of
from tests.fixtures.clones import clone_of, git, make_origin


@pytest.mark.parametrize(
    ("origin", "repository"),
    [
        ("git@github.com:o/r.git", "github.com/o/r"),
        ("https://github.com/o/r", "github.com/o/r"),
        ("https://bot@git.example.com:8443/o/r.git", "git.example.com:8443/o/r"),
        ("ssh://git@git.example.com/o/r.git", "git.example.com/o/r"),
    ],
)
def test_the_repository_is_the_clones_origin(tmp_path: Path, origin: str, repository: str) -> None:
    clone = clone_of(make_origin(tmp_path), tmp_path / "ops-1")
    git(clone, "remote", "set-url", "origin", origin)
    result = GUARD_SERVER.run(context_of(os.environ, clone), ServerParams())
    assert (result.repository, result.state) == (repository, "unknown")


def test_a_folder_as_origin_is_no_repository_on_a_server(tmp_path: Path) -> None:
    clone = clone_of(make_origin(tmp_path), tmp_path / "ops-1")
    with pytest.raises(OpsError, match="no repository on a server"):
        GUARD_SERVER.run(context_of(os.environ, clone), ServerParams())


def test_the_ruleset_protects_the_branches_of_the_policy(tmp_path: Path) -> None:
    result = GUARD_SERVER.run(context_of(os.environ, tmp_path), ServerParams(repository="o/r", checks=["tests"]))
    assert result.ruleset["conditions"] == {
        "ref_name": {"include": ["refs/heads/main", "refs/heads/master"], "exclude": []}
    }
    assert [rule["type"] for rule in result.ruleset["rules"]] == [
        "deletion",
        "non_fast_forward",
        "pull_request",
        "required_status_checks",
    ]
