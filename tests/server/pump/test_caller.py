"""A client sends to the shared server every variable that operations read, and no login or key."""

import re
from pathlib import Path

import pytest

from mcp_server.clients import claude, codex, gemini
from mcp_server.clients.claude import KEY_HELPER, SHADOWING
from mcp_server.kernel.secret import Secret
from mcp_server.logins.shadowing import shadows
from mcp_server.server.pump.caller import NOTICES, PLACEHOLDER, SENT, TELEMETRY, needs_own_server, sent_variables

PACKAGE = Path(__file__).resolve().parents[3] / "mcp_server"
VALUES = [
    "",
    " ",
    "0",
    "1",
    "true",
    "ON",
    "no",
    "sk-made-up",
    "https://api.anthropic.com/",
    "https://gate.example.test",
]


def read_by_operations() -> set[str]:
    """The names that the code asks an environment for, written out or in a set of what a child may know."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if {"server", "cli", "setup", "demo", "programs"} & set(path.relative_to(PACKAGE).parts):
            continue
        text = _with_values(path.read_text())
        found |= set(re.findall(r'environment(?:\.get\(|\[)"([A-Z_]+)"', text))
        for block in re.findall(r"^_(?:PASSED|PROXIES|TRUST|KEPT)\b[^=]*=(.+?)(?:^$|^[#_a-z])", text, re.M | re.S):
            found |= set(re.findall(r'"([A-Za-z_]{3,})"', block))
    return found


def _with_values(text: str) -> str:
    """A source with the names of variables written out where it takes them from the facts about a client."""
    for client in (claude, codex, gemini):
        short = client.__name__.rpartition(".")[2]
        for name, value in vars(client).items():
            if isinstance(value, str) and name.isupper():
                text = re.sub(rf"\b{short}\.{name}\b", f'"{value}"', text)
    return text


def test_every_variable_that_an_operation_reads_is_sent() -> None:
    names = read_by_operations()
    assert {"OPS_FLEET", "AGENT_NAME", "CLAUDE_CONFIG_DIR", "HTTPS_PROXY", "DOCKER_HOST", "GIT_SSH_COMMAND"} <= names
    assert names <= SENT | {*TELEMETRY, *SHADOWING}, "those of SHADOWING are sent without their values"


@pytest.mark.parametrize("name", [name for name in SHADOWING if name != KEY_HELPER])
@pytest.mark.parametrize("value", VALUES)
def test_a_variable_that_shadows_a_login_is_sent_without_its_value(name: str, value: str) -> None:
    sent = sent_variables({name: value})
    assert sent[name] in (value, PLACEHOLDER)
    assert "sk-" not in sent[name]
    assert "gate" not in sent[name]
    assert shadows({name: Secret(sent[name])}) == shadows({name: Secret(value)})


@pytest.mark.parametrize("value", VALUES)
def test_a_secret_of_notices_is_sent_only_as_set(value: str) -> None:
    assert sent_variables(dict.fromkeys(NOTICES, value)) == (dict.fromkeys(NOTICES, PLACEHOLDER) if value else {})


@pytest.mark.parametrize(
    ("variables", "own"),
    [
        ({}, False),
        ({"OPS_SHARED": "1"}, False),
        ({"OPS_SHARED": "0"}, True),
        ({"HTTPS_PROXY": "http://proxy.example.test:3128"}, False),
        ({"https_proxy": "user:word@proxy.example.test:3128"}, True),
        ({"GIT_SSH_COMMAND": "ssh -i key"}, False),
        ({"GIT_SSH_COMMAND": "sshpass -p word ssh"}, True),
    ],
)
def test_a_client_with_a_password_in_a_variable_gets_its_own_server(variables: dict[str, str], own: bool) -> None:
    assert needs_own_server(variables) is own
