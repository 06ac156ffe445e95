"""The cached index: as fresh as the files, whatever became of the cache."""

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mcp_server.adapters.files import DiskFiles
from mcp_server.adapters.index_cache import IndexCache, sources_in
from mcp_server.domain.search import Answer


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    (folder / "git").mkdir(parents=True)
    (folder / "login-expired.md").write_text(
        "# Login expired\n\n## Symptoms\n\nAPI Error: 401 OAuth token has expired\n"
    )
    (folder / "git" / "agent-on-main.md").write_text("# Agent on main\n\nSomeone committed on main.\n")
    (folder / "disk-full.md").write_text("# Disk full\n\nNo space left on device because of clones.\n")
    return folder


def search(pages: Path, state: Path, problem: str) -> Answer:
    files = DiskFiles(state)
    return IndexCache(files, state / "cache").index("test", sources_in(files, pages)).search(problem)


def found(pages: Path, state: Path, problem: str) -> list[str]:
    answer = search(pages, state, problem)
    return [hit.path for hit in answer.results] if answer.match else []


def test_pages_of_subfolders_are_found_by_their_relative_path(pages: Path, home: Path) -> None:
    assert found(pages, home / "state", "someone committed on main")[0] == "git/agent-on-main.md"


def test_a_second_process_reads_no_page_that_is_unchanged(pages: Path, home: Path) -> None:
    first = search(pages, home / "state", "login expired")
    files = DiskFiles(home / "state")
    sources = [source._replace(load=lambda: pytest.fail("read again")) for source in sources_in(files, pages)]
    assert IndexCache(files, home / "state" / "cache").index("test", sources).search("login expired") == first


def test_an_unchanged_set_gives_the_very_same_index(pages: Path, home: Path) -> None:
    files = DiskFiles(home / "state")
    cache = IndexCache(files, home / "state" / "cache")
    assert cache.index("test", sources_in(files, pages)) is cache.index("test", sources_in(files, pages))


def test_a_changed_page_is_found_at_the_next_call_and_only_it_is_read(pages: Path, home: Path) -> None:
    files = DiskFiles(home / "state")
    cache = IndexCache(files, home / "state" / "cache")
    cache.index("test", sources_in(files, pages))
    (pages / "disk-full.md").write_text("# Clock skew\n\nThe clock of the host runs behind.\n")
    changed = "disk-full.md"
    sources = [
        source if source.key.endswith(changed) else source._replace(load=lambda: pytest.fail("read again"))
        for source in sources_in(files, pages)
    ]
    answer = cache.index("test", sources).search("clock skew")
    assert answer.match
    assert answer.results[0].title == "Clock skew"


def test_a_removed_page_is_gone_and_a_new_one_there(pages: Path, home: Path) -> None:
    assert found(pages, home / "state", "disk full, no space left")
    (pages / "disk-full.md").unlink()
    (pages / "rate-limit.md").write_text("# Rate limit reached\n\nToo many requests.\n")
    assert "disk-full.md" not in found(pages, home / "state", "disk full, no space left")
    assert found(pages, home / "state", "rate limit reached")[0] == "rate-limit.md"


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "zeros": lambda whole: b"\0" * len(whole),
    "cut short": lambda whole: whole[:-20],
    "one letter": lambda whole: whole.replace(b"Login", b"Logan"),
    "of another version": lambda whole: b"00000000" + whole[8:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_made_anew(pages: Path, home: Path, damage: str) -> None:
    state = home / "state"
    first = search(pages, state, "login expired")
    file = state / "cache" / "index-test.json"
    whole = file.read_bytes()
    file.write_bytes(DAMAGES[damage](whole))
    assert search(pages, state, "login expired") == first
    assert file.read_bytes() == whole


def test_a_cache_that_cannot_be_written_costs_no_answer(pages: Path, home: Path) -> None:
    (home / "state").mkdir()
    (home / "state" / "cache").write_text("in the way")
    assert found(pages, home / "state", "login expired")[0] == "login-expired.md"


def test_the_cache_is_for_its_owner_only(pages: Path, home: Path) -> None:
    search(pages, home / "state", "login expired")
    assert (home / "state" / "cache" / "index-test.json").stat().st_mode & 0o777 == 0o600
    assert (home / "state" / "cache").stat().st_mode & 0o777 == 0o700


def test_links_and_pages_that_are_no_text_do_no_harm(pages: Path, home: Path) -> None:
    (pages / "loop").symlink_to(pages)
    (pages / "outside.md").symlink_to("/etc/hostname")
    os.mkfifo(pages / "pipe.md")
    (pages / "hooks-inert.md").write_bytes(b"\xff\xfe\x00 hooks\xff")
    names = [source.key for source in sources_in(DiskFiles(home / "state"), pages)]
    assert not any("outside" in name or "pipe" in name or "loop" in name for name in names)
    assert found(pages, home / "state", "hooks inert")[0] == "hooks-inert.md"


def test_rows_of_an_index_table_are_symptoms_of_their_page(pages: Path, home: Path) -> None:
    files = DiskFiles(home / "state")
    rows = {"disk-full.md": (("Machine refuses to write anything",), "/ops:clean")}
    index = IndexCache(files, home / "state" / "cache").index("test", sources_in(files, pages, rows))
    hit = index.search("machine refuses to write").results[0]
    assert (hit.path, hit.command) == ("disk-full.md", "/ops:clean")


def _ask(pages: Path, state: Path, number: int) -> bool:
    (pages / f"extra-{number}.md").write_text(f"# Extra problem {number}\n\nThe extra problem number {number}.\n")
    return bool(found(pages, state, f"extra problem {number}"))


def test_several_processes_share_one_cache(pages: Path, home: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        jobs = [pool.apply_async(_ask, (pages, home / "state", number)) for number in range(8)]
        assert all(job.get(timeout=60) for job in jobs)
    assert found(pages, home / "state", "login expired")[0] == "login-expired.md"
