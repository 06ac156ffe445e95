"""Learn the weights in `mcp_server/search/weigh.py` from a labelled set, and measure them on the rest.

    python -m benchmarks.retrieval_fit SET

SET holds `corpus/` (markdown, one folder an origin) and `queries.jsonl` (id, corpus, query, kind, relevant, verbatim,
source).  The quality printed is of weights that were learned without the origin they are tried on; the weights
printed are learned from all.
"""

import argparse
import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.labelled import Question, read_pages, read_questions, summary
from mcp_server.search.index import Corpus, entry_of
from mcp_server.search.query import Query, query_of
from mcp_server.search.rank import Candidate, candidates
from mcp_server.search.weigh import evidence

_RIDGE = 1e-3


class Case(NamedTuple):
    """A question with what was found for it."""

    question: Question
    query: Query
    found: list[Candidate]

    def right(self) -> set[int]:
        """The numbers of the candidates that answer it."""
        return {n for n, one in enumerate(self.found) if one.entry.page.path in self.question.relevant}


def main() -> None:
    """Print the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    folder = parser.parse_args().set
    questions = read_questions(folder)
    corpus = Corpus(map(entry_of, read_pages(folder)))
    cases = [_case(corpus, question, question.text) for question in questions]
    lower = [_case(corpus, question, question.text.lower()) for question in questions]
    _report(cases, lower)
    weights = _order(cases)
    print("ORDER =", _rounded(weights))
    print("LIKELY =", _rounded(_likely([*cases, *lower], weights)))


def _case(corpus: Corpus, question: Question, text: str) -> Case:
    query = query_of(corpus, text)
    return Case(question, query, candidates(corpus, query))


def _rounded(weights: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(weight, 1) for weight in weights)


def _report(cases: list[Case], lower: list[Case]) -> None:
    ranks: dict[str, int] = {}
    scores: dict[str, tuple[float, float]] = {}
    for part in range(3):
        learn = [case for case in cases if _part(case.question) != part]
        weights = _order(learn)
        likely = _likely([*learn, *(case for case in lower if _part(case.question) != part)], weights)
        for case, small in zip(cases, lower, strict=True):
            if _part(case.question) == part:
                ranks[case.question.id] = _rank(case, weights)
                scores[case.question.id] = (_score(case, weights, likely), _score(small, weights, likely))
    for name, chosen in (
        ("text", Question.is_text),
        ("alert names", Question.is_name),
        ("all", Question.is_answerable),
    ):
        wanted = [case.question for case in cases if case.question.relevant and chosen(case.question)]
        print(f"{name:12s}", summary([ranks[question.id] for question in wanted]))
    _report_scores([case.question for case in cases], scores)


def _report_scores(questions: list[Question], scores: dict[str, tuple[float, float]]) -> None:
    for threshold in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6):
        shares: list[str] = []
        for way, name in ((0, "as written"), (1, "lower case")):
            yes = [scores[q.id][way] >= threshold for q in questions if q.relevant]
            no = [scores[q.id][way] >= threshold for q in questions if not q.relevant]
            shares.append(f"{name}: recall {sum(yes) / len(yes):.3f} false answers {sum(no) / len(no):.3f}")
        print(f"threshold {threshold:.2f}", "  ".join(shares))


def _part(question: Question) -> int:
    """Which third a question belongs to: its origin's, and for one without an answer its system's."""
    key = question.origin if question.relevant else question.source + question.text.split()[0]
    origins = ("prometheus-operator", "kubevirt", "cloudnative-pg")
    return origins.index(key) if key in origins else zlib.crc32(key.encode()) % 3


def _dot(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))


def _rank(case: Case, weights: list[float]) -> int:
    order = sorted(range(len(case.found)), key=lambda n: -_dot(weights, case.found[n].features))
    right = case.right()
    return next((place for place, number in enumerate(order, 1) if number in right), 0)


def _best(case: Case, weights: list[float]) -> Candidate:
    return max(case.found, key=lambda one: _dot(weights, one.features))


def _score(case: Case, weights: list[float], likely: list[float]) -> float:
    return _logistic(_dot(likely, evidence(_best(case, weights), case.query))) if case.found else 0.0


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _order(cases: list[Case]) -> list[float]:
    """Weights under which the right page stands out among the candidates (a softmax over them)."""
    rows = [([one.features for one in c.found], c.right()) for c in cases if not c.question.verbatim and c.right()]

    def gradient(weights: list[float]) -> list[float]:
        total = [0.0] * len(weights)
        for features, right in rows:
            odds = [math.exp(_dot(weights, one)) for one in features]
            mass, good = sum(odds), sum(odds[n] for n in right)
            for number, one in enumerate(features):
                pull = odds[number] / mass - (odds[number] / good if number in right else 0.0)
                total = [t + pull * value / len(rows) for t, value in zip(total, one, strict=True)]
        return total

    return _descend(gradient, [1.0] * 5, 60)


def _likely(cases: list[Case], weights: list[float]) -> list[float]:
    """Weights that tell questions with an answer from those without, both kinds counting the same."""
    rows = [(evidence(_best(c, weights), c.query), bool(c.question.relevant)) for c in cases if c.found]
    share = {kind: 0.5 / sum(answer is kind for _, answer in rows) for kind in (True, False)}

    def gradient(likely: list[float]) -> list[float]:
        total = [0.0] * len(likely)
        for values, answer in rows:
            pull = (_logistic(_dot(likely, values)) - answer) * share[answer]
            total = [t + pull * value for t, value in zip(total, values, strict=True)]
        return total

    return _descend(gradient, [0.0] * 6, 150, 0.5)


def _descend(
    gradient: Callable[[list[float]], list[float]], weights: list[float], steps: int, rate: float = 1.0
) -> list[float]:
    """AdaGrad with a small ridge; few steps, which keeps the weights near each other."""
    squares = [1e-8] * len(weights)
    for _ in range(steps):
        slope = [s + _RIDGE * w for s, w in zip(gradient(weights), weights, strict=True)]
        squares = [q + s * s for q, s in zip(squares, slope, strict=True)]
        weights = [w - rate * s / math.sqrt(q) for w, s, q in zip(weights, slope, squares, strict=True)]
    return weights


if __name__ == "__main__":
    main()
