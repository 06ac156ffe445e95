"""Idioms that readers stumble over stay out of docstrings, comments, error and help texts, runbooks and docs."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Each pattern with what to write instead.
IDIOMS = {
    r"\b(?:is|are|was|were|be|been) told\b": '"is told" has two readings: "is reported", "is shown", "learns"',
    r"\btells? of\b": '"tells of": "reports"',
    r"\banew\b": '"anew": "again"',
    r"\b(?:is|are|was) none\b(?! of\b)": '"is none": "is not a ..."; "there is none" may stay',
    r"\blies? (?:in|on|at|beside|below|above|under|behind|outside|inside|there)\b": '"lies in": "is in"',
    r"\bof ours\b": '"of ours": say whose, "of ops"',
    r"\b(?:is|are|was) no (?:git |plain )?(?:clone|file|folder|JSON|TOML|YAML|page|link|repository)\b": (
        '"is no clone": "is not a clone"'
    ),
    r"\b(?:not|nobody|nothing|no one)\b.{0,40}\bany more\b": '"not any more": "no longer"',
    r"\bstands? in (?:no|the|a) ": '"stands in the table": "is in"',
    r"\bwhat goes on\b": '"what goes on": "what is happening"',
    r"\bstill at it\b": '"still at it": "still doing it"',
    r"\b(?:lacks?|lack) of it\b": '"what the rules lack of it": "which parts of it the rules do not ..."',
    r"\bcomes? about\b": '"comes about": "happens", "is made"',
    r"\ball the same\b": '"all the same": "anyway", "still"',
    r"\bgoes? before\b": '"goes before": "takes precedence over", "comes first"',
    r"\b(?:nothing|something|none) is (?:said|known) of\b": '"nothing is known of": "is unknown"',
    r"\b(?:stands?|stood) (?:on|at once)\b": '"stands on main": "is on main"',
}
# "there is none" is plain English, and so is a value that is None.
FINE = re.compile(
    r"\bthere (?:is|are|was|were) no(?:ne)?\b|(?-i:\b(?:is|are) None\b)|\bif (?:there )?(?:is|are) none\b",
    re.IGNORECASE,
)
PATTERNS = [(re.compile(pattern, re.IGNORECASE), advice) for pattern, advice in IDIOMS.items()]
# The literal words of other people: a corpus of command lines, questions, what other programs print.
LITERAL = ("tests/rules/test_prose.py", "mcp_server/demo/template/", "tests/fixtures/")


def files() -> Iterator[Path]:
    for folder in ("mcp_server", "tests", "benchmarks"):
        yield from (ROOT / folder).rglob("*.py")
    for folder in ("runbooks", "docs", "commands", "hooks"):
        yield from (ROOT / folder).rglob("*.md")
    yield from (ROOT / name for name in ("README.md", "AGENTS.md", "CONTRIBUTING.md", "CHANGELOG.md"))


def package_of(path: Path) -> str:
    return "/".join(path.relative_to(ROOT).parts[:2]) if path.suffix == ".py" else path.relative_to(ROOT).parts[0]


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """The line and words of each text that a person reads: whole pages; comments and strings of a module."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield 1, source
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(words)) if " " in words:
                yield node.lineno, words
            case _:
                pass


def idioms(path: Path) -> list[str]:
    found: list[str] = []
    for line, text in texts(path):
        words = FINE.sub("", " ".join(text.split()))
        found += [
            f"{path.relative_to(ROOT)}:{line}: {advice}" for pattern, advice in PATTERNS if pattern.search(words)
        ]
    return found


@pytest.mark.parametrize("package", sorted({package_of(path) for path in files()}))
def test_texts_have_no_idiom_that_takes_two_readings(package: str) -> None:
    pages = [path for path in files() if package_of(path) == package]
    checked = [path for path in pages if not str(path.relative_to(ROOT)).startswith(LITERAL)]
    assert [line for path in checked for line in idioms(path)] == []


@pytest.mark.parametrize("text", ["The human is told of it.", "It is read anew.", "It lies in the clone."])
def test_an_idiom_is_found(text: str) -> None:
    assert any(pattern.search(text) for pattern, _ in PATTERNS)


@pytest.mark.parametrize("text", ["There is none.", "He told the agent.", "a list of files, none of which exists"])
def test_plain_english_passes(text: str) -> None:
    assert not any(pattern.search(FINE.sub("", text)) for pattern, _ in PATTERNS)
