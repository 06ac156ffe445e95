"""Finding the page for a problem, given in someone's words or as a pasted log line.

Start with `answer.Index`, which ranks pages; `look_index` keeps an index of folders up to date.

What the ranking rests on, measured with labelled questions to three public runbook collections:

1. the match between the question and a page's name, each word weighed by how few of the *candidates'* names have it,
   which separates sibling pages (`rank`); a symptom counts as a name;
2. the words (`words`, `query`): stems, numbers kept, names written as one both whole and split, initials, endings;
3. BM25 of the page and of its best section;
4. how near each other a section has the question's neighbouring words.

A logistic over six quantities says how likely the best page is an answer at all (`weigh`, with all weights; they are
the output of `benchmarks/retrieval_fit.py`).
"""

from mcp_server.search.answer import Answer, Hit, Index
from mcp_server.search.index import Entry, entry_of
from mcp_server.search.page import Page, page_of

__all__ = ["Answer", "Entry", "Hit", "Index", "Page", "entry_of", "page_of"]
