"""Command lines as syntax trees of tree-sitter-bash, and questions about their nodes."""

from collections.abc import Iterator
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_SUBSTITUTIONS: Final = ("command_substitution", "process_substitution")
_NOT_RUN: Final = frozenset(
    [
        *("heredoc_start", "heredoc_end", "heredoc_body", "variable_name", "special_variable_name", "number"),
        *("word", "string", "raw_string", "concatenation", "extglob_pattern", "regex", "test_operator"),
    ]
)


@lru_cache(maxsize=1)
def _parser() -> "Parser":
    from tree_sitter import Language, Parser  # noqa: PLC0415  # only a command line that may reach git needs it

    return Parser(Language(_bash()))


def _bash() -> object:
    """`tree_sitter_bash.language()`, without that package's queries, which load a tenth of what the guard loads."""
    package = find_spec("tree_sitter_bash")
    found = PathFinder.find_spec("_binding", package.submodule_search_locations if package else [])
    if found is None or found.loader is None:
        raise ModuleNotFoundError("tree_sitter_bash")
    binding = module_from_spec(found)
    found.loader.exec_module(binding)
    return binding.language()


def parse(text: str) -> "Node":
    """The root of a text's tree; its `has_error` is set if the grammar cannot parse all of it."""
    return _parser().parse(text.encode("utf-8", "surrogatepass")).root_node


def runs(node: "Node") -> bool:
    """Whether a node may contain commands of its own."""
    return node.type not in _NOT_RUN


def redirects(node: "Node") -> "Iterator[Node]":
    """The redirections of a statement, with those after a heredoc's opener."""
    for part in node.children_by_field_name("redirect"):
        yield part
        if part.type == "heredoc_redirect":
            yield from part.children_by_field_name("redirect")


def substituted_by(node: "Node") -> str:
    """The last command of a substitution that is all that a command gets; empty if there is none."""
    given = [child for child in node.named_children if child.type != "command_name"]
    while len(given) == 1 and given[0].type in ("string", "pipeline", "redirected_statement", *_SUBSTITUTIONS):
        given = given[0].named_children[-1:] if given[0].type != "string" else given[0].named_children
    inner = given[0] if len(given) == 1 and given[0].type == "command" else None
    return text_of(inner) if inner and inner.parent != node else ""


def first_word(node: "Node") -> str:
    return next(iter(text_of(node).split()), "")


def is_continuation(node: "Node", start: int, end: int) -> bool:
    """Whether two bytes are separated by nothing but a line continuation, so that both sides are one word."""
    gap = between(node, start, end)
    return bool(gap) and gap.replace("\\\n", "") == ""


def text_of(node: "Node") -> str:
    return between(node, node.start_byte, node.end_byte)


def between(node: "Node", start: int, end: int) -> str:
    """The text between two bytes of a node, counted from the start of the whole text."""
    return (node.text or b"")[start - node.start_byte : end - node.start_byte].decode("utf-8", "surrogatepass")
