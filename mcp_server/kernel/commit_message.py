"""A commit, and the message of an agent's commit: `<role>: <subject>`, and a trailer that names the author."""

from dataclasses import dataclass
from typing import Final

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent, Client
from mcp_server.kernel.secrets.detector import scrub

# Claude's as the fleet's rules have it; Codex's as Codex itself signs.
_AUTHORS: Final[dict[Client, str]] = {
    "claude": "Claude Opus 4.5 <noreply@anthropic.com>",
    "codex": "Codex <noreply@openai.com>",
    "gemini": "Gemini <gemini@google.com>",
}
_TRAILER: Final = "Co-Authored-By:"


@dataclass(frozen=True)
class Commit:
    """One commit since the last tag."""

    hash: str
    author: str
    subject: str
    body: str


def message_of(agent: Agent, text: str, author: str) -> str:
    """The whole message; `author` (`Name <mail>`) replaces the agent's usual one. A human's has no trailer."""
    lines = text.strip().splitlines()
    if not lines or not all(line.replace("\t", " ").isprintable() for line in [*lines, author]):
        raise OpsError("invalid", "a commit needs a message of printable text", "Give --message 'what was done'")
    if any(scrub(given) != given for given in (text, author)):
        raise OpsError("denied", "the message contains something like a login or key", "Remove it from the message")
    subject = lines[0] if lines[0].startswith(f"{agent.role}: ") else f"{agent.role}: {lines[0]}"
    signed = author or ("" if agent.role == "human" else _AUTHORS[agent.client])
    trailer = ["", f"{_TRAILER} {signed}"] if signed and _TRAILER not in text else []
    return "\n".join([subject, *lines[1:], *trailer])
