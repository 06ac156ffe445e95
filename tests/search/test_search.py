"""The right page first, an honest no, and scores that mean the same everywhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_server.search import Index, Page, page_of

PAGES = {
    "login-expired": ("Login expired", "API Error: 401 OAuth token has expired", "The shared token is too old."),
    "agent-on-main": ("An agent committed on main", "you are on main", "Move the commit to the role branch."),
    "config-unreadable": (
        "Config cannot be read",
        "Unexpected token in JSON",
        "The file is not valid JSON now.",
    ),
    "disk-full": ("Disk full by clones", "No space left on device", "Clones fill the disk. Remove old worktrees."),
    "rate-limit": ("Rate limit reached", "429 Too Many Requests", "All agents together ask too often."),
    "gh-login": ("gh is not authenticated", "please run: gh auth login", "The GitHub command line has no login."),
    "hooks-inert": ("Hooks do nothing", "hook was not executed", "core.hooksPath points elsewhere."),
    "docker-tester": ("Docker tester does not start", "The container name is already in use", "Remove the old one."),
}


def page(name: str) -> Page:
    title, symptom, meaning = PAGES[name]
    text = f"# {title}\n\n## Symptoms\n\n`{symptom}`\n\n## Meaning\n\n{meaning}\n\n## Resolution\n\nRun it.\n"
    return page_of(f"{name}.md", text, [symptom], f"/ops:{name}")


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.build(map(page, PAGES))


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        ("login expired", "login-expired"),
        ("LOGIN EXPIRED", "login-expired"),
        ("API Error: 401 OAuth token has expired", "login-expired"),
        ("someone committed on main", "agent-on-main"),
        ("the clones filled our disks", "disk-full"),
        ("ENOSPC: no space left on device, write", "disk-full"),
        ("rate limited: too many requests", "rate-limit"),
        ("docker container name already in use", "docker-tester"),
        ("configuration unreadable json", "config-unreadable"),
    ],
)
def test_the_page_for_a_problem_comes_first(index: Index, problem: str, expected: str) -> None:
    answer = index.search(problem)
    assert answer.match
    assert answer.results[0].path == f"{expected}.md"
    assert answer.results[0].command == f"/ops:{expected}"


@pytest.mark.parametrize("name", PAGES)
def test_every_symptom_finds_its_page(index: Index, name: str) -> None:
    answer = index.search(PAGES[name][1])
    assert answer.match
    assert answer.results[0].path == f"{name}.md"


@pytest.mark.parametrize(
    "problem",
    [
        "commands: what is the weather",
        "how do i bake bread",
        "python segmentation fault in numpy",
        "kubernetes pod crash looping",
        "what is it",
        "日本語 🚀",
        "- ! …",
    ],
)
def test_what_is_not_documented_is_no_match(index: Index, problem: str) -> None:
    assert not index.search(problem).match


def test_a_line_in_a_long_log_is_found(index: Index) -> None:
    noise = "2026-01-02T03:04:05Z INFO worker-7 pid=4411 cwd=/srv/agents/w7 started\n" * 60
    answer = index.search(f"{noise}API Error: 401 OAuth token has expired\n{noise}")
    assert answer.match
    assert answer.results[0].path == "login-expired.md"
    assert not index.search(noise).match


def test_the_excerpt_is_of_the_section_that_matched_and_short(index: Index) -> None:
    long = page_of(
        "long.md", "# Long\n\n" + "Nothing here.\n" * 200 + "The frobnicator is jammed.\n" + "And so on.\n" * 200
    )
    hit = Index.build([long]).search("frobnicator jammed").results[0]
    assert "The frobnicator is jammed." in hit.excerpt
    assert len(hit.excerpt) <= 300
    assert index.search("old shared token").results[0].section == "Meaning"


def test_an_incident_says_that_it_was_seen_before() -> None:
    seen = page("disk-full")._replace(seen_before=True)
    assert Index.build([seen, page("rate-limit")]).search("disk full").results[0].seen_before


def test_results_are_at_most_as_many_as_asked_best_first(index: Index) -> None:
    results = index.search("login token", limit=2).results
    assert len(results) == 2
    assert results[0].score >= results[1].score


@pytest.mark.parametrize("blank", ["", "  \n\t"])
def test_a_blank_problem_is_an_error(index: Index, blank: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        index.search(blank)


def test_an_empty_index_documents_nothing() -> None:
    answer = Index.build([]).search("login expired")
    assert (answer.match, answer.results) == (False, ())


@pytest.mark.parametrize("name", ["KubeAPIDown", "kubeapidown", "Kube API down", "kube_api_down"])
def test_a_name_is_found_however_it_is_written(name: str) -> None:
    pages = [page_of(f"{n}.md", f"# {n}\n\nText.") for n in ("KubeAPIDown", "KubeletDown", "KubeAPILatencyHigh")]
    assert Index.build(pages).search(name).results[0].path == "KubeAPIDown.md"


@settings(deadline=None)
@given(st.lists(st.text(max_size=200), max_size=5), st.text(min_size=1, max_size=500))
def test_any_pages_and_any_problem_give_a_bounded_answer(texts: list[str], problem: str) -> None:
    index = Index.build(page_of(f"{number}.md", text) for number, text in enumerate(texts))
    if not problem.strip():
        return
    answer = index.search(problem)
    assert len(answer.results) <= 5
    assert all(0 <= hit.score <= 1 and len(hit.excerpt) <= 300 for hit in answer.results)
