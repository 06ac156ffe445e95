"""The weights of the ranking, and the score from which a page is an answer.

The numbers are the output of `benchmarks/retrieval_fit.py` on labelled questions to three public runbook collections.
"""

import math

from mcp_server.search.query import Query
from mcp_server.search.rank import Candidate

_WHOLE = 0.9
"Share of a name's weight that counts as all of it."
MATCH = 0.35
"The score from which a page is an answer; below it, a page is only the closest one."

ORDER = (4.5, 4.0, 3.0, 4.5, 4.5)
"Weights of `Features`, in their order, to halves: fits without one origin differ by as much."
LIKELY = (-3.3, 3.0, 3.1, 3.0, 2.2, -3.8)
"Weights of `evidence`, in its order."


def order(candidate: Candidate) -> float:
    """The sort key of candidates; not comparable between queries."""
    return sum(weight * feature for weight, feature in zip(ORDER, candidate.features, strict=True))


def evidence(candidate: Candidate, query: Query) -> tuple[float, ...]:
    """What distinguishes an answer from the closest page: 1, the share of the query's weight that is on the page, the
    features page, section and name, and the share of the query's weight that is on no page."""
    wanted = [(number, concept) for number, concept in enumerate(query.concepts) if not concept.extra]
    found = sum(concept.weight for number, concept in wanted if number in candidate.found)
    unknown = sum(concept.weight for _, concept in wanted if not concept.known)
    features = candidate.features
    return 1.0, found / query.mass, features.page, features.section, features.name, unknown / query.mass


def likelihood(candidate: Candidate, query: Query) -> float:
    """How likely it is that the page answers the query, 0..1.

    No page answers a query without content ("error", "it does not work"), however well it fits: the matched words
    must weigh half as much as a word that only one page contains, unless they are the whole name of a page.
    """
    fits = 1 / (1 + math.exp(-sum(w * e for w, e in zip(LIKELY, evidence(candidate, query), strict=True))))
    if candidate.features.name > _WHOLE:
        return fits
    found = sum(query.concepts[number].weight for number in candidate.found)
    return min(fits, MATCH * (2 * found / query.rarest) ** 3)
