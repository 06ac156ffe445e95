"""What is known of Claude Code, Codex and the Gemini CLI is in `mcp_server/clients/` and nowhere else."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcp_server.clients import claude, codex, gemini

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "mcp_server"
FACT = re.compile(
    r"""\.claude(?:\.json|/|$) | \.codex\b | \.gemini\b | \.credentials\.json | oauth_creds\.json | (?<!\w)auth\.json
      | settings(?:\.local)?\.json | claudeAiOauth | refreshTokenExpiresAt | hasCompletedOnboarding | apiKeyHelper
      | oauth_refresh | storage-write | mcp_?[sS]ervers | procStart | tool_input | PreToolUse | UserPrompt\w+
      | ^SessionStart$ | hook_event_name | expansion_type | command_args | hookSpecificOutput
      | CLAUDE_(?:CONFIG|CODE|SECURE|PROJECT)\w* | ANTHROPIC_\w+ | CODEX_\w+ | GEMINI_(?:CLI|API)_\w+
      | anthropic-ai | @openai | @google | allow_login_shell | --plugin-dir | --approval-mode""",
    re.VERBOSE,
)
VERSION = re.compile(
    "|".join(rf"(?<![\w.]){re.escape(client.SEEN_ON)}(?![\w.]*\d)" for client in (claude, codex, gemini))
    + r"|(?:Claude Code|Codex|Gemini CLI),? \(?\d+\.\d+\.\d+"
)
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
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


def prose_of(path: Path) -> str:
    """The text of a file; without its front matter, which is where a page says what it was seen on."""
    return FRONT_MATTER.sub("", path.read_text(encoding="utf-8", errors="replace"))


def test_the_version_of_a_client_is_in_clients_in_ci_and_in_front_matter_alone() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    allowed = (PACKAGE / "clients", ROOT / ".ci")
    looked_at = [path for path in paths if path.is_file() and not any(map(path.is_relative_to, allowed))]
    assert len(looked_at) > 500
    assert [str(path.relative_to(ROOT)) for path in looked_at if VERSION.search(prose_of(path))] == []


def test_a_version_after_a_clients_name_and_front_matter_are_told_apart(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f'---\napplies_to: ["Codex {codex.SEEN_ON}"]\n---\n\nAs observed.\n')
    assert not VERSION.search(prose_of(page))
    for wrong in (f"seen on {claude.SEEN_ON}", "Claude Code " + "3.0.1 waits", "Gemini CLI " + "(0.7.0)"):
        page.write_text(f"---\ntitle: x\n---\n\n{wrong}\n")
        assert VERSION.search(prose_of(page)), wrong
