"""A secret is never printed, and text that looks like one is redacted."""

import pickle

import pytest

from mcp_server.kernel.document import as_json
from mcp_server.kernel.secret import Secret
from mcp_server.kernel.secrets.detector import scrub

CANARY = "canary-" + "q" * 30


def test_a_secret_is_hidden_in_every_form_of_printing() -> None:
    secret = Secret(CANARY)
    shown = [
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret:>50}",
        f"{secret}",
        str([secret]),
        str({"k": secret}),
    ]
    assert not any(CANARY in text for text in shown)


def test_a_secret_is_neither_pickled_nor_part_of_an_answer() -> None:
    for way_out in (pickle.dumps, as_json):
        with pytest.raises(TypeError) as refused:
            way_out(Secret(CANARY))
        assert CANARY not in str(refused.value)


def test_fingerprints_distinguish_secrets_and_are_stable() -> None:
    assert Secret("a").fingerprint() == Secret("a").fingerprint() != Secret("b").fingerprint()


@pytest.mark.parametrize(
    "text",
    [
        "sk-ant-" + "oat01-" + "A1b2-_" * 8,
        "sk-ant-" + "ort01-" + "A1b2-_" * 8,
        "sk-ant-" + "api03-" + "A1b2-_" * 8,
        "sk-" + "proj-" + "x9" * 20,
        "AIza" + "Sy" + "x" * 33,
        "ghp" + "_" + "a1" * 18,
        "github" + "_pat_" + "a1_" * 20,
        "AKIA" + "ABCDEFGHIJKLMNOP",
        *(f"xox{kind}" + "-123456789012-abcDEF123456" for kind in "abprs"),
        "ey" + "J" + "hbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0" + ".sflKxwRJSMeKKF2QT4",
        "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----",
        "Authorization: Bearer " + "abc.def" * 4,
        "https://user:" + "hunter2hunter2" + "@example.test/x",
    ],
)
def test_what_looks_like_a_credential_is_redacted_and_the_text_around_it_stays(text: str) -> None:
    cleaned = scrub(f"before {text} after")
    assert "[redacted]" in cleaned
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")
    assert text not in cleaned


def test_ordinary_log_lines_pass_unchanged() -> None:
    line = "API Error: 401 OAuth token has expired · see https://example.test:8443/help sha 3f2a9c1 task-list"
    assert scrub(line) == line
