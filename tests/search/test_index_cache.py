"""The cached index: as fresh as the files, whatever became of the cache."""

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mcp_server.search import Answer
from mcp_server.search.look_index import IndexCache
from mcp_server.search.page_folder import PageFolder, Searched
from mcp_server.system.cache import Cache
from mcp_server.system.files import Files


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


class CountingFiles(Files):
    """The real disk, and which pages were read."""

    def __init__(self, state: Path) -> None:
        super().__init__(state)
        self.pages: list[str] = []

    def read(self, path: Path, limit: int = 5_000_000) -> bytes:
        self.pages += [path.name] if path.suffix == ".md" and path.name != "INDEX.md" else []
        return super().read(path, limit)


def cache_of(state: Path) -> tuple[CountingFiles, IndexCache]:
    files = CountingFiles(state)
    return files, IndexCache(files, Cache(files, state))


def searched(cache: IndexCache, pages: Path) -> Searched:
    return cache.index([PageFolder(pages, pages, frozenset({"INDEX.md"}))])


def search(pages: Path, state: Path, problem: str) -> Answer:
    return searched(cache_of(state)[1], pages).index.search(problem)


def found(pages: Path, state: Path, problem: str) -> list[str]:
    answer = search(pages, state, problem)
    return [hit.path for hit in answer.results] if answer.match else []


def test_pages_of_subfolders_are_found_by_their_relative_path(pages: Path, home: Path) -> None:
    assert found(pages, home / "state", "someone committed on main")[0] == "git/agent-on-main.md"


def test_a_second_process_reads_no_page_that_is_unchanged(pages: Path, home: Path) -> None:
    first = search(pages, home / "state", "login expired")
    files, cache = cache_of(home / "state")
    assert searched(cache, pages).index.search("login expired") == first
    assert files.pages == []


def test_an_unchanged_set_gives_the_very_same_index(pages: Path, home: Path) -> None:
    cache = cache_of(home / "state")[1]
    assert searched(cache, pages).index is searched(cache, pages).index


def test_a_changed_page_is_found_at_the_next_call_and_only_it_is_read(pages: Path, home: Path) -> None:
    files, cache = cache_of(home / "state")
    searched(cache, pages)
    files.pages.clear()
    (pages / "disk-full.md").write_text("# Clock skew\n\nThe clock of the host runs behind.\n")
    answer = searched(cache, pages).index.search("clock skew")
    assert answer.match
    assert answer.results[0].title == "Clock skew"
    assert files.pages == ["disk-full.md"]


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
    "of another version": lambda whole: whole[:9] + b"00000000" + whole[17:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_built_again(pages: Path, home: Path, damage: str) -> None:
    state = home / "state"
    first = search(pages, state, "login expired")
    file = next((state / "cache").iterdir())
    whole = file.read_bytes()
    file.write_bytes(DAMAGES[damage](whole))
    assert search(pages, state, "login expired") == first
    assert whole in {each.read_bytes() for each in (state / "cache").iterdir()}


def test_a_cache_that_cannot_be_written_costs_no_answer(pages: Path, home: Path) -> None:
    (home / "state").mkdir()
    (home / "state" / "cache").write_text("in the way")
    assert found(pages, home / "state", "login expired")[0] == "login-expired.md"


def test_the_cache_is_for_its_owner_only(pages: Path, home: Path) -> None:
    search(pages, home / "state", "login expired")
    assert next((home / "state" / "cache").iterdir()).stat().st_mode & 0o777 == 0o600
    assert (home / "state" / "cache").stat().st_mode & 0o777 == 0o700


def test_links_and_pages_that_are_no_text_do_no_harm(pages: Path, home: Path) -> None:
    (pages / "loop").symlink_to(pages)
    (pages / "outside.md").symlink_to("/etc/hostname")
    os.mkfifo(pages / "pipe.md")
    (pages / "hooks-inert.md").write_bytes(b"\xff\xfe\x00 hooks\xff")
    cache = cache_of(home / "state")[1]
    for _ in range(2):
        found = searched(cache, pages)
        assert [hit.path for hit in found.index.search("login expired, someone on main, no space").results] == [
            "login-expired.md",
            "git/agent-on-main.md",
            "disk-full.md",
        ]
        for name in ("outside.md", "pipe.md", "hooks-inert.md"):
            assert any(name in why for why in found.unread)


@pytest.mark.parametrize("name", [b"caf\xe9.md", "naïve 🚀\n.md".encode()])
def test_a_page_with_any_name_is_found(pages: Path, home: Path, name: bytes) -> None:
    (pages / os.fsdecode(name)).write_text("# Espresso machine leaks\n\nDescale it.\n")
    assert found(pages, home / "state", "espresso machine leaks")[0] == name.decode(errors="replace")


def test_rows_of_an_index_table_are_symptoms_of_their_page(pages: Path, home: Path) -> None:
    cache = cache_of(home / "state")[1]
    assert not searched(cache, pages).index.search("machine refuses to write").match
    row = "| Machine refuses to write anything | [it](./disk-full.md) | `/ops:clean` |"
    (pages / "INDEX.md").write_text(f"| Problem | Solution Doc | Command |\n|---|---|---|\n{row}\n")
    hit = searched(cache, pages).index.search("machine refuses to write").results[0]
    assert (hit.path, hit.command) == ("disk-full.md", "/ops:clean")


def test_an_index_whose_rows_cannot_be_read_is_told(pages: Path, home: Path) -> None:
    cache = cache_of(home / "state")[1]
    assert searched(cache, pages).unread == ()
    (pages / "INDEX.md").write_text("| a | b |\n" * 60_000)
    (why,) = searched(cache, pages).unread
    assert "600,000 characters" in why


def test_many_sets_of_folders_share_a_bounded_number_of_files_and_none_is_removed(pages: Path, home: Path) -> None:
    cache, folder = Cache(Files(home / "state"), home / "state"), home / "state" / "cache"
    for number in range(5 * 64):
        cache.replace(cache.oldest(cache.slots("index", number)), b"of another set of folders")
    names = {path.name for path in folder.iterdir()}
    assert len(names) == 4 * 64
    search(pages, home / "state", "login expired")
    assert {path.name for path in folder.iterdir()} == names
    files, again = cache_of(home / "state")
    searched(again, pages)
    assert files.pages == []


def _ask(pages: Path, state: Path, number: int) -> bool:
    (pages / f"extra-{number}.md").write_text(f"# Extra problem {number}\n\nThe extra problem number {number}.\n")
    return bool(found(pages, state, f"extra problem {number}"))


def test_several_processes_share_one_cache(pages: Path, home: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        jobs = [pool.apply_async(_ask, (pages, home / "state", number)) for number in range(8)]
        assert all(job.get(timeout=60) for job in jobs)
    assert found(pages, home / "state", "login expired")[0] == "login-expired.md"
