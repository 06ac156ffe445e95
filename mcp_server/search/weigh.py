"""How much each thing counts, and from where on a page is an answer.

The numbers are the output of `benchmarks/retrieval_fit.py` on labelled questions to three public runbook collections.
"""

import math

from .query import Query
from .rank import Candidate

_WHOLE = 0.9
"Share of a name's weight that counts as all of it."
MATCH = 0.35
"From this score on a page is an answer; below, it is only the closest there is."

ORDER = (4.5, 4.0, 3.0, 4.5, 4.5)
"Weights of `Features`, in their order, to halves: fits without one origin differ by as much."
LIKELY = (-3.3, 3.0, 3.1, 3.0, 2.2, -3.8)
"Weights of `evidence`, in its order."


def order(candidate: Candidate) -> float:
    """What candidates are sorted by; it says nothing about another query's."""
    return sum(weight * feature for weight, feature in zip(ORDER, candidate.features, strict=True))


def evidence(candidate: Candidate, query: Query) -> tuple[float, ...]:
    """What tells an answer from the closest page: 1, the share of the query's weight that is on the page, the
    features page, section and name, the share of the query's weight that is on no page."""
    asked = [(number, concept) for number, concept in enumerate(query.concepts) if not concept.extra]
    found = sum(concept.weight for number, concept in asked if number in candidate.found)
    unknown = sum(concept.weight for _, concept in asked if not concept.known)
    features = candidate.features
    return 1.0, found / query.mass, features.page, features.section, features.name, unknown / query.mass


def likelihood(candidate: Candidate, query: Query) -> float:
    """How likely the page answers the query, 0..1.

    A query that says next to nothing ("error", "it does not work") is answered by no page, however well it fits: what
    was found has to weigh half of a word that stands on one page alone, unless it is the whole name of a page.
    """
    fits = 1 / (1 + math.exp(-sum(w * e for w, e in zip(LIKELY, evidence(candidate, query), strict=True))))
    if candidate.features.name > _WHOLE:
        return fits
    found = sum(query.concepts[number].weight for number in candidate.found)
    return min(fits, MATCH * (2 * found / query.telling) ** 3)
