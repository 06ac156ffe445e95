"""The runbooks as a whole: what they name exists, a search finds them, and none suggests what is forbidden."""

import ast
import re
import shlex
from collections import Counter
from collections.abc import Iterator

import pytest

from mcp_server.cli.grammar import grammar
from mcp_server.knowledge.slash_commands import rendered
from mcp_server.search import Index, page_of
from mcp_server.server.catalogue import catalogue, shell_catalogue
from tests.rules.runbook_pages import PAGES, PATHS, ROOT, commands

TEXTS = {path.stem: path.read_text() for path in PATHS}
TOOLS = {operation.name for operation in catalogue()}
SLASH = {f"/ops:{page.renders.name}" for page in PAGES.values() if page.renders}
RENDERED = rendered(PAGES.values())

every_page = pytest.mark.parametrize("name", PAGES)


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.build(page_of(f"runbooks/{name}.md", text) for name, text in TEXTS.items())


def ops_calls(command: str) -> Iterator[list[str]]:
    """The words of every call of `ops` in a shell text."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for token in [*lexer, ";"]:
        if set(token) <= set("();<>|&"):
            if words and words[0] == "ops":
                yield words[1:]
            words = []
        else:
            words.append(token)


def test_there_are_at_least_the_pages_of_the_main_job() -> None:
    assert len(PAGES) >= 8
    assert {
        "/ops:opus_token_refresh",
        "/ops:index_check",
        "/ops:config_sync",
        "/ops:incident_open",
        "/ops:fleet_audit",
    } <= SLASH


def test_no_symptom_is_on_two_pages() -> None:
    counts = Counter(symptom.casefold() for page in PAGES.values() for symptom in {page.title, *page.symptoms})
    assert [symptom for symptom, times in counts.items() if times > 1] == []


@every_page
def test_every_tool_and_slash_command_a_page_names_exists(name: str) -> None:
    page = PAGES[name]
    named = {*page.tools, *(page.renders.tools if page.renders else ())}
    assert named <= TOOLS
    assert set(re.findall(r"/ops:[a-z_]+", TEXTS[name])) <= SLASH
    nouns = "|".join({tool.split("_")[0] for tool in TOOLS})
    symptoms = {symptom for other in PAGES.values() for symptom in other.symptoms}
    mentioned = set(re.findall(rf"`((?:{nouns})_[a-z]+)`", TEXTS[name]))
    assert mentioned - symptoms <= TOOLS | SLASH


@every_page
def test_every_call_of_ops_fits_the_grammar(name: str) -> None:
    calls = [call for step in commands(PAGES[name]) for call in ops_calls(step.command or "")]
    calls += [shlex.split(text)[1:] for text in re.findall(r"`(ops [a-z]+ [a-z][^`$]*)`", TEXTS[name])]
    for call in calls:
        grammar(shell_catalogue()).parse_args(call)


@every_page
def test_every_page_that_a_page_names_exists(name: str) -> None:
    """A name in backticks after the words runbook, runbooks, page, see or to is the name of a page."""
    named = re.findall(
        r"\b(?:runbooks?|page|see|to)\s+`([a-z0-9]+(?:-[a-z0-9]+)+)`(?:\s+and\s+`([a-z-]+)`)?", TEXTS[name]
    )
    assert {page for pair in named for page in pair if page} <= PAGES.keys()


@every_page
def test_no_page_throws_work_away(name: str) -> None:
    for step in commands(PAGES[name]):
        assert not re.search(
            r"--hard|--force\b|push\s+(-\w*f|\+)|checkout\s+(-\w*f|\.)|clean\s+-|stash|rm\s+-\w*[rf]|branch\s+-\w*[DMf]"
            r"|restore\s+\.|kill\s+-9|pkill",
            step.command or "",
        ), step.line


@pytest.mark.parametrize("text", [*TEXTS.values(), *RENDERED.values()], ids=[*TEXTS, *RENDERED])
def test_no_text_suggests_an_api_key(text: str) -> None:
    assert not re.search(
        r"(?i)(export|set|add|use|put|create|paste)\W+(the\W+|an?\W+)?ANTHROPIC_(API_KEY|AUTH_TOKEN)", text
    )
    assert not re.search(r"ANTHROPIC_\w+=\S*\w", text)
    assert not re.search(r"(?i)console\.anthropic\.com", text)
    assert not re.search(r"sk-ant-", text)


@every_page
def test_a_page_is_found_first_by_its_title_and_by_each_symptom(name: str, index: Index) -> None:
    page = PAGES[name]
    for words in (page.title, *page.symptoms):
        answer = index.search(words)
        assert answer.match, words
        assert answer.results[0].path == f"runbooks/{name}.md", words


@pytest.mark.parametrize("path", [path for path in RENDERED if path.startswith("commands/")])
def test_a_command_never_pastes_into_a_shell(path: str) -> None:
    assert "!`" not in RENDERED[path]
    assert "```!" not in RENDERED[path]
    assert RENDERED[path].count("$ARGUMENTS") == 1


def test_the_form_page_describes_the_form_that_is_checked() -> None:
    form = (ROOT / "docs" / "runbook-form.md").read_text()
    page = next(iter(PAGES.values()))
    for key in (
        "name",
        "title",
        "symptoms",
        "severity",
        "tools",
        "command",
        "owner",
        "reviewed",
        "applies_to",
        "renders",
    ):
        assert f"\n{key}:" in form
    for section in page.sections:
        assert f"`{section.heading}`" in form


def codes() -> set[str]:
    """The codes of the findings and hazards that the product's source makes."""
    found: set[str] = set()
    for path in (ROOT / "mcp_server").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="Finding" | "Hazard"), args=[ast.Constant(value=str(code)), *_]):
                    found.add(code)
                case _:
                    pass
    return found


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_finding_has_a_page_that_its_code_finds(code: str, index: Index) -> None:
    answer = index.search(code)
    assert answer.match
    assert code in PAGES[answer.results[0].path.removeprefix("runbooks/").removesuffix(".md")].symptoms


def test_every_page_that_an_answer_names_is_shipped() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "mcp_server").rglob("*.py"))
    named = set(re.findall(r"runbook read ([a-z]+(?:-[a-z]+)+)", sources))
    assert named
    assert named <= PAGES.keys()
