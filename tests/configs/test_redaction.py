from typing import cast

import pytest

from mcp_server.configs.redaction import redacted
from mcp_server.kernel.document import Json

CANARY = "canary-" + "Zq9" * 3
DENSE = "Zq9x" * 8


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("s", {"env": {"PLAIN": CANARY}}),
        ("s", {"headers": {"X-Any": CANARY}}),
        ("env", {"PLAIN": CANARY}),
        ("s", {"env": {"NESTED": {"deep": [CANARY]}}}),
        ("s", {"args": ["--token", CANARY]}),
        ("s", {"args": [f"--api-key={CANARY}"]}),
        ("s", {"args": ["-c", f"GH_TOKEN={CANARY} run"]}),
        ("s", {"args": ["-c", f"export GH_TOKEN={CANARY}; run"]}),
        ("s", {"args": [f"run --password {CANARY} now"]}),
        ("s", {"args": ["--header", f"Authorization: {CANARY}"]}),
        ("s", {"args": [DENSE]}),
        ("s", {"url": f"https://user:{CANARY}@host.test/mcp"}),
        ("s", {"url": f"https://host.test/mcp?key={CANARY}"}),
        ("s", {"url": f"https://host.test/mcp#{CANARY}"}),
        ("s", {"url": f"https://host.test/hooks/{DENSE}"}),
        ("s", {"url": f"https://{DENSE}.host.test/"}),
        ("s", {"args": [f"--url=postgres://u:{CANARY}@db.test/x"]}),
        ("s", {"url": f"https://[bad:{CANARY}"}),
        ("s", {"url": "https://ada@host.test/x"}),
        ("s", {"url": f"file:///{CANARY}"}),
        ("s", {"url": f"x-y://{CANARY}"}),
        ("clientSecret", CANARY),
        ("tokens", [CANARY]),
        (
            "s",
            {"args": ["--passphrase", CANARY, f"MY_PAT={CANARY}"], "smtp_pass": CANARY, "connectionString": CANARY},
        ),
        ("note", "sk-ant-" + "api03-" + "x" * 30),
        ("apiKey", 123456789),
        ("long", ["word " * 100, {"env": {"X": CANARY}}]),
    ],
)
def test_a_secret_is_shown_only_as_a_fingerprint(key: str, value: Json) -> None:
    shown = str(redacted(f"/{key}", value))
    for secret in (CANARY, DENSE, "123456789", "x" * 30):
        assert secret not in shown
    assert "[secret " in shown or "…" in shown


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("theme", "dark"),
        ("verbose", True),
        ("count", 3),
        ("nothing", None),
        ("s", {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-github@1.2.3", "--read-only"]}),
        ("s", {"type": "http", "url": "https://api.example.test:8443/mcp/v1"}),
        ("s", {"headers": {"Authorization": "Bearer ${GH_TOKEN}"}, "env": {"A": "${A}", "B": ""}}),
        ("s", {"command": "/usr/local/bin/postgres-mcp", "cwd": "/home/ops/work"}),
    ],
)
def test_a_value_that_is_not_a_secret_is_shown_as_it_is(key: str, value: Json) -> None:
    assert redacted(f"/{key}", value) == value


def test_equal_secrets_have_equal_fingerprints_and_others_differ() -> None:
    one, other = (redacted("/env", {"A": text}) for text in ("one", "other"))
    assert one != other
    assert one == redacted("/env", {"A": "one"})


def test_the_default_of_a_variable_reference_is_hidden() -> None:
    assert CANARY not in str(redacted("/env", {"A": f"${{A:-{CANARY}}}"}))


def test_a_long_value_is_cut() -> None:
    shown = cast("str", redacted("/list", cast("Json", ["word"] * 1_000)))
    assert len(shown) < 220
    assert shown.endswith("(7001 characters)")


def test_a_list_member_is_judged_by_the_flag_before_it_else_by_the_lists_name() -> None:
    assert redacted("/args", ["token", "plain"]) == ["token", "plain"]
    assert redacted("/args", ["--name", "plain"]) == ["--name", "plain"]
    assert "plain" not in str(redacted("/tokens", ["--name", "plain"]))
    assert "plain" not in str(redacted("/args", ["--token", "plain"]))


def test_a_value_is_cut_when_its_text_has_more_than_200_characters() -> None:
    fits = "ab " * 66
    assert redacted("/note", fits) == fits
    assert str(redacted("/note", fits + "c")).endswith("… (201 characters)")
