"""Finding the page for a problem: in someone's words, or in a pasted log line."""

from .answer import Answer, Hit, Index
from .index import Entry, entry_of
from .page import Page, Section, page_of

__all__ = ["Answer", "Entry", "Hit", "Index", "Page", "Section", "entry_of", "page_of"]
