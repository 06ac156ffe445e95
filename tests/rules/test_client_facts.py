"""What is known of Claude Code, Codex and the Gemini CLI is in `mcp_server/clients/` and nowhere else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcp_server.clients import claude, codex, gemini

PACKAGE = Path(__file__).resolve().parents[2] / "mcp_server"
FACT = re.compile(
    r"""\.claude(?:\.json|/|$) | \.codex\b | \.gemini\b | \.credentials\.json | oauth_creds\.json | (?<!\w)auth\.json
      | settings(?:\.local)?\.json | claudeAiOauth | refreshTokenExpiresAt | hasCompletedOnboarding | apiKeyHelper
      | oauth_refresh | storage-write | mcp_?[sS]ervers | procStart | tool_input | PreToolUse | hookSpecificOutput
      | CLAUDE_(?:CONFIG|CODE|SECURE|PROJECT)\w* | ANTHROPIC_\w+ | CODEX_\w+ | GEMINI_(?:CLI|API)_\w+
      | anthropic-ai | @openai | @google | allow_login_shell | --plugin-dir | --approval-mode""",
    re.VERBOSE,
)
VERSION = re.compile("|".join(re.escape(client.SEEN_ON) for client in (claude, codex, gemini)))
ELSEWHERE = {
    "kernel/policy.py": "the kernel imports no other package; these names are the default of a policy",
    "server/pump/caller.py": "starts with every client and imports little; tests/server/pump checks its list",
}
"Modules that hold such a fact for another reason than to use the client, and that reason."


def modules() -> list[Path]:
    own = {"clients", "demo"}
    return sorted(path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in own)


def literals(text: str) -> Iterator[str]:
    """The strings of a module that are no sentences: without white space, and no docstrings."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not re.search(r"\s", node.value):
            yield node.value


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_fact_about_a_client_is_in_clients_alone(path: Path) -> None:
    facts = sorted({text for text in literals(path.read_text()) if FACT.search(text)})
    allowed = str(path.relative_to(PACKAGE)) in ELSEWHERE
    assert bool(facts) == allowed, f"{facts}: move it to mcp_server/clients and import it"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_version_that_a_fact_was_seen_on_is_beside_the_fact(path: Path) -> None:
    assert not VERSION.search(path.read_text())
