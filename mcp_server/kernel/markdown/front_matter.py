"""The YAML block between two `---` lines at the head of a markdown page."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from mcp_server.kernel.lazy_pattern import lazy_pattern

_KEY = lazy_pattern(r"([^\s#:'\"-][^:]*?)\s*:(?=\s|$)")
_LEAD = lazy_pattern(r"(?m)^[\s?:-]+")
_DEEPEST = 100
_NULL = "tag:yaml.org,2002:null"


class FrontMatter(NamedTuple):
    """`values` is empty if the page has no front matter, or one that is not a YAML mapping; `error` then says why.

    `lines` has the line of each key, and `error` starts with a line; both count from 1.

    `texts` has the value of every key, or the items of its list, as plain text; keys are in lower case. It is there
    in spite of an error: `title: Fix: the disk` is not YAML, and is what people write.
    """

    values: dict[str, object]
    lines: dict[str, int]
    texts: dict[str, tuple[str, ...]]
    error: tuple[int, str] | None = None


def front_matter(lines: Sequence[str]) -> tuple[FrontMatter, int]:
    """The front matter of a page, and how many of its lines that takes."""
    end = _end(lines)
    if end is None:
        return FrontMatter({}, {}, {}, (1, "no front matter between two lines of ---")), 0
    return _parsed(lines[1:end]), end + 1


def _end(lines: Sequence[str]) -> int | None:
    if lines[0].rstrip() != "---":
        return None
    return next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)


def _parsed(block: Sequence[str]) -> FrontMatter:
    import yaml  # noqa: PLC0415  many commands load this module and read no page

    line, problem = 1, "the front matter is not a list of `key: value` lines"
    try:
        node, found = _load("\n".join(block))
        if isinstance(found, dict):
            values = {str(key): value for key, value in cast("dict[object, object]", found).items()}
            return FrontMatter(values, _key_lines(block, values), dict(_texts(node)))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        problem = f"the front matter is not YAML: {error.problem}"
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = f"the front matter is not YAML: {error}"
    return FrontMatter({}, {}, dict(_texts_of_broken(block)), (line, problem))


def _load(block: str) -> tuple[Any, object]:
    """The YAML node and the value that it stands for."""
    import yaml  # noqa: PLC0415

    # libyaml is ten times as fast, and crashes the process on text that is nested some thousand levels deep.
    kind: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader) if _is_shallow(block) else yaml.SafeLoader
    loader = kind(block)
    try:
        node = loader.get_single_node()
        return node, loader.construct_document(node) if node else None
    finally:
        loader.dispose()


def _is_shallow(block: str) -> bool:
    leads = (len(lead) for lead in _LEAD.findall(block))
    return block.count("[") + block.count("{") <= _DEEPEST and max(leads, default=0) <= _DEEPEST


def _key_lines(block: Sequence[str], keys: dict[str, object]) -> dict[str, int]:
    return {line.split(":")[0]: n for n, line in enumerate(block, 2) if line.split(":")[0] in keys}


def _texts_of_broken(block: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each key whose own lines are YAML with its value, each other one with the rest of its line."""
    import yaml  # noqa: PLC0415

    heads = [(n, found) for n, text in enumerate(block) if (found := _KEY.match(text))]
    ends = [*(n for n, _ in heads), len(block)][1:]
    for (n, head), end in zip(heads, ends, strict=True):
        try:
            yield from _texts(_load("\n".join(block[n:end]))[0])
        except (yaml.YAMLError, ValueError, RecursionError):
            yield head[1].lower(), tuple(filter(None, (block[n][head.end() :].strip(),)))


def _texts(node: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key, value in _pairs(node):
        items: list[Any] = value.value if value.id == "sequence" else [value]
        yield str(key.value).lower(), tuple(text for item in items if (text := _text(item)))


def _text(node: Any) -> str:
    """A scalar as it is written; `- API Error: 401` is a mapping to YAML, and meant as text."""
    if node.id == "scalar":
        return "" if node.tag == _NULL else " ".join(str(node.value).split())
    parts = [(key, value) for key, value in _pairs(node) if (key.id, value.id) == ("scalar", "scalar")]
    return ", ".join(f"{key.value}: {value.value}" for key, value in parts)


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    return node.value if node and node.id == "mapping" else []
