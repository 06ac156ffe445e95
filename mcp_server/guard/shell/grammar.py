"""Texts as trees of tree-sitter-bash, and what is asked of a tree's nodes."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_NOT_RUN: Final = frozenset(
    [
        *("heredoc_start", "heredoc_end", "heredoc_body", "variable_name", "special_variable_name", "number"),
        *("word", "string", "raw_string", "concatenation", "extglob_pattern", "regex", "test_operator"),
    ]
)


@lru_cache(maxsize=1)
def _parser() -> "Parser":
    import tree_sitter_bash  # noqa: PLC0415  # only a command line that may reach git needs it
    from tree_sitter import Language, Parser  # noqa: PLC0415

    return Parser(Language(tree_sitter_bash.language()))


def parse(text: str) -> "Node":
    """The root of a text's tree; `has_error` tells where the grammar cannot read it."""
    return _parser().parse(text.encode("utf-8", "surrogatepass")).root_node


def runs(node: "Node") -> bool:
    return node.type not in _NOT_RUN


def redirects(node: "Node") -> "Iterator[Node]":
    for part in node.children_by_field_name("redirect"):
        yield part
        if part.type == "heredoc_redirect":
            yield from part.children_by_field_name("redirect")


def first_word(node: "Node") -> str:
    return next(iter(text_of(node).split(maxsplit=1)), "")


def is_continuation(node: "Node", start: int, end: int) -> bool:
    """Whether only a line's continuation stands between two bytes: what they part is one word."""
    gap = between(node, start, end)
    return bool(gap) and gap.replace("\\\n", "") == ""


def text_of(node: "Node") -> str:
    return (node.text or b"").decode("utf-8", "surrogatepass")


def between(node: "Node", start: int, end: int) -> str:
    return (node.text or b"")[start - node.start_byte : end - node.start_byte].decode("utf-8", "surrogatepass")
