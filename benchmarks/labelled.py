"""A labelled set of questions and pages, and the measures of how well pages were found."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from mcp_server.search import Page, page_of


class Question(NamedTuple):
    """`relevant` names the pages that answer it, none when nothing does; `verbatim`: it stands in one of them."""

    id: str
    origin: str
    text: str
    kind: str
    relevant: frozenset[str]
    verbatim: bool
    source: str

    def is_answerable(self) -> bool:
        """Whether a page answers it."""
        return bool(self.relevant)

    def is_text(self) -> bool:
        """Whether it is someone's own words: neither a name nor a copy of the page."""
        return self.is_answerable() and not self.verbatim and self.kind not in ("alert_name", "name_words")

    def is_name(self) -> bool:
        """Whether it is the name of an alert."""
        return self.is_answerable() and self.kind == "alert_name"


KINDS = {"text": Question.is_text, "alert names": Question.is_name, "all": Question.is_answerable}
"The kinds of answerable questions that are reported separately."


def read_questions(folder: Path) -> list[Question]:
    """The questions of the set in `folder`."""
    lines = (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    return [_question(cast("dict[str, Any]", json.loads(line))) for line in lines]


def _question(row: dict[str, Any]) -> Question:
    return Question(
        id=str(row["id"]),
        origin=str(row["corpus"]),
        text=str(row["query"]),
        kind=str(row["kind"]),
        relevant=frozenset(row["relevant"]),
        verbatim=bool(row["verbatim"]),
        source=str(row.get("source", "")),
    )


FLEET = Path(__file__).parent / "fleet"
"The set that lies here: what people say of a fleet's problems, and the shipped runbooks."


def corpus_of(folder: Path) -> Path:
    """Where the pages of the set in `folder` lie."""
    return Path(__file__).parents[1] / "runbooks" if folder == FLEET else folder / "corpus"


def read_pages(folder: Path) -> list[Page]:
    """The pages of the set in `folder`, named relative to its corpus."""
    corpus = corpus_of(folder)
    files = sorted(file for file in corpus.rglob("*.md") if file.name != "INDEX.md")
    return [page_of(file.relative_to(corpus).as_posix(), file.read_text(encoding="utf-8")) for file in files]


def summary(ranks: Sequence[int]) -> str:
    """MRR@10, hit@1 and hit@5 of the places, from 1, where the first right page came (0: nowhere)."""
    mrr = sum(1 / rank for rank in ranks if 0 < rank <= 10)
    first, five = sum(rank == 1 for rank in ranks), sum(0 < rank <= 5 for rank in ranks)
    count = max(1, len(ranks))
    return f"n {len(ranks):4d}  MRR@10 {mrr / count:.3f}  hit@1 {first / count:.3f}  hit@5 {five / count:.3f}"
