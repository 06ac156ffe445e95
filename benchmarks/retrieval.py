"""How well and how fast runbooks are found, against ripgrep (where installed) and plain SQLite FTS5 in the same run.

    python -m benchmarks.retrieval [SET] [--sizes 250,2500,10000]

SET as in `benchmarks.retrieval_fit`, which tells what the weights are worth on origins they have not seen; without
one it is `benchmarks/fleet`.  Larger collections are made of the set's pages with other words mixed in.  Times are
CPU milliseconds of this process, for ripgrep of its own.
"""

import argparse
import json
import random
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.labelled import FLEET, KINDS, Question, corpus_of, read_pages, read_questions, summary
from mcp_server.search import Answer, Index, Page, words
from mcp_server.search.look_index import IndexCache
from mcp_server.search.page_folder import PageFolder
from mcp_server.search.weigh import MATCH
from mcp_server.system.cache import Cache
from mcp_server.system.files import Files

Find = Callable[[str], Sequence[str]]
_IMPORT = "import time; t = time.process_time(); import {}; print(time.process_time() - t)"
_SEARCH, _LIBRARY = "mcp_server.search", "bisect, collections, enum, heapq, math, re, typing, unicodedata"


def main() -> None:
    """Print quality, then speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path, nargs="?", default=FLEET)
    parser.add_argument("--sizes", default="250,2500,10000")
    chosen = parser.parse_args()
    questions, pages = read_questions(chosen.set), read_pages(chosen.set)
    _quality(chosen.set, questions, pages)
    ours, library = _import_time(_SEARCH), _import_time(_LIBRARY)
    print(f"import {ours:.1f} ms, {ours / library:.2f} x what it needs of the standard library")
    for size in map(int, chosen.sizes.split(",")):
        _speed(grown(pages, size), [question.text for question in questions[::5]])


def _import_time(modules: str) -> float:
    """CPU milliseconds of a first import, the best of several processes."""
    argv = [sys.executable, "-c", _IMPORT.format(modules)]
    runs = [subprocess.run(argv, capture_output=True, text=True, check=True) for _ in range(9)]
    return min(float(run.stdout) for run in runs) * 1e3


def _quality(folder: Path, questions: list[Question], pages: list[Page]) -> None:
    index = Index.build(pages)
    finders: dict[str, Find] = {
        "ours": lambda text: [hit.path for hit in index.search(text, 10).results],
        "fts5": fts5(pages),
    }
    if shutil.which("rg"):
        finders["ripgrep"] = _ripgrep(corpus_of(folder))
    else:
        print("ripgrep is not installed: its lines are left out (apt-get install ripgrep)")
    for name, find in finders.items():
        places = {q.id: _place(find(q.text), q) for q in questions if q.relevant}
        for kind, chosen in KINDS.items():
            if wanted := [places[q.id] for q in questions if chosen(q)]:
                print(f"{name:8s} {kind:12s}", summary(wanted))
    for name, change in (("as written", str), ("lower case", str.lower)):
        answers = [(q, index.search(change(q.text))) for q in questions]
        print(f"at {MATCH} {name}: recall {_share(answers, True):.3f}, false answers {_share(answers, False):.3f}")
    longest = max(len(json.dumps(index.search(q.text))) for q in questions)
    print(f"longest answer {longest} characters of JSON")


def _share(answers: list[tuple[Question, Answer]], answerable: bool) -> float:
    wanted = [answer.match for question, answer in answers if bool(question.relevant) is answerable]
    return sum(wanted) / max(1, len(wanted))


def _place(found: Sequence[str], question: Question) -> int:
    return next((place for place, path in enumerate(found, 1) if path in question.relevant), 0)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"\w+", text)))


def fts5(pages: list[Page]) -> Find:
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table page using fts5(path unindexed, text, tokenize='porter')")
    rows = (
        (page.path, "\n".join((page.title, *(f"{s.heading}\n{s.body}" for s in page.sections)))) for page in pages
    )
    database.executemany("insert into page values (?, ?)", rows)

    def find(text: str) -> list[str]:
        wanted = " OR ".join(f'"{word}"' for word in _words(text))
        ranked = "select path from page where page match ? order by bm25(page) limit 10"
        return [path for (path,) in database.execute(ranked, (wanted,))] if wanted else []

    return find


def _ripgrep(corpus: Path) -> Find:
    def find(text: str) -> list[str]:
        """The pages with most of the words first, as one who greps for each word would."""
        hits: dict[str, int] = {}
        for word in _words(text):
            argv = ["rg", "-l", "-i", "-w", "-F", "--", word, str(corpus)]
            for path in subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines():
                name = Path(path).relative_to(corpus).as_posix()
                hits[name] = hits.get(name, 0) + 1
        return sorted(hits, key=lambda name: (-hits[name], name))[:10]

    return find


def grown(pages: list[Page], size: int) -> list[Page]:
    """`size` pages: the set's own, then copies in which a third of the long words is replaced by new ones."""
    chance = random.Random(size)

    def changed(text: str, number: int) -> str:
        return re.sub(
            r"\b[a-z]{6,}\b", lambda word: f"{word[0]}{number % 97}x" if chance.random() < 0.3 else word[0], text
        )

    def copy(number: int) -> Page:
        page = pages[number % len(pages)]
        sections = (s._replace(body=changed(s.body, number)) for s in page.sections)
        return page._replace(
            path=f"{number}/{page.path}", title=changed(page.title, number), sections=tuple(sections)
        )

    return [pages[number] if number < len(pages) else copy(number) for number in range(size)]


def _speed(pages: list[Page], texts: list[str]) -> None:
    _forget_words()
    start = time.process_time()
    index = Index.build(pages)
    built = time.process_time()
    their = fts5(pages)
    plain = time.process_time() - built
    ours, theirs = _times(index.search, texts), _times(their, texts)
    print(f"{len(pages)} pages: build {built - start:.2f} s ({(built - start) / plain:.1f} x fts5); query", end=" ")
    print(
        "; ".join(f"{name} {at(ours):.1f} ms ({at(ours) / at(theirs):.1f} x fts5)" for name, at in _POINTS.items()),
        end="",
    )
    with tempfile.TemporaryDirectory() as folder:
        for number, page in enumerate(pages):
            body = "\n".join(f"# {section.heading}\n{section.body}" for section in page.sections)
            (Path(folder) / f"{number}.md").write_text(body, encoding="utf-8")
        print(_ripgrep_time(Path(folder), texts, ours) if shutil.which("rg") else "")
        _looks(Path(folder))


def _looks(folder: Path) -> None:
    """What a look at the files costs before the query: the first ever, that of a new process, later ones."""
    with tempfile.TemporaryDirectory() as state:
        files, requests = Files(Path(state)), [PageFolder(folder, folder, frozenset())]
        first, second = (IndexCache(files, Cache(files, Path(state))) for _ in range(2))
        _forget_words()
        report = [f"first {_cost(lambda: first.index(requests)):.0f} ms"]
        report += [f"new process {_cost(lambda: second.index(requests)):.0f} ms"]
        report += [f"unchanged {_cost(lambda: second.index(requests)):.1f} ms"]
        (folder / "0.md").write_text("# Another page\n", encoding="utf-8")
        report += [f"one page changed {_cost(lambda: second.index(requests)):.0f} ms"]
    print("  look at the files:", "; ".join(report))


def _forget_words() -> None:
    """As in a new process, which has worked out no word yet."""
    vars(words)["_known"].clear()


def _cost(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return (time.process_time() - start) * 1e3


_POINTS: dict[str, Callable[[list[float]], float]] = {
    "p50": lambda times: times[len(times) // 2],
    "p99": lambda times: times[int(len(times) * 0.99)],
}


def _times(find: Callable[[str], object], texts: list[str]) -> list[float]:
    return sorted(_cost(lambda text=text: find(text)) for text in texts)


def _ripgrep_time(folder: Path, texts: list[str], ours: list[float]) -> str:
    find = _ripgrep(folder)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for text in texts[:20]:
        find(text)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3 / len(texts[:20])
    return f"; mean {sum(ours) / len(ours) / spent:.2f} x ripgrep's {spent:.1f} ms"


if __name__ == "__main__":
    main()
