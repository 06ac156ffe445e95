"""What is not sure with a client: with an older version and an unknown one, and with no newer one."""

import pytest

from mcp_server.clients import claude, codex, gemini
from mcp_server.clients.tested import doubt, version_numbers

SEEN_ON = {"claude": claude.SEEN_ON, "codex": codex.SEEN_ON, "gemini": gemini.SEEN_ON}


def moved(version: str, by: int) -> str:
    """The version with another second number."""
    first, second, third = version_numbers(version)
    return f"{first}.{second + by}.{third}"


@pytest.mark.parametrize("client", SEEN_ON)
def test_an_older_version_and_an_unknown_one_are_doubted_in_one_sentence_that_names_what_rests_on_it(
    client: str,
) -> None:
    older = moved(SEEN_ON[client], -1)
    for version, says in (
        (older, f"{older} is older than {SEEN_ON[client]}"),
        ("", "cannot be read"),
        ("dev", "cannot be read"),
        ("7", "cannot be read"),
        ("9.9", "cannot be read"),
        ("\x1b[31mx", "cannot be read"),
        ("claude 9.9.9", "cannot be read"),
    ):
        output = doubt(client, version)
        assert output is not None
        assert says in output
        assert "not sure is that" in output
        assert "\n" not in output


@pytest.mark.parametrize("client", SEEN_ON)
def test_the_tested_version_and_every_newer_one_are_not_doubted(client: str) -> None:
    first, second, third = version_numbers(SEEN_ON[client])
    newer = (
        moved(SEEN_ON[client], 1),
        f"{first}.{second}.{third + 1}",
        f"{first + 1}.0.0",
        f"{SEEN_ON[client]}-rc.1",
    )
    for version in (SEEN_ON[client], *newer):
        assert doubt(client, version) is None, version
