"""The YAML block between `---` lines at the head of a markdown page."""

from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True)
class FrontMatter:
    """`values` is empty where the page has none or one that is no YAML mapping; `error` then says so.

    `body` is the whole page with the block's lines made blank, so that line numbers in it are those of the file.
    """

    values: dict[str, object]
    lines: dict[str, int]
    "The line of each key, counted from 1."
    body: str
    error: tuple[int, str] | None = None


def front_matter_of(text: str) -> FrontMatter:
    """Any text can be split; a page without a block is all body."""
    lines = text.removeprefix("\ufeff").splitlines()
    end = _end(lines)
    if end is None:
        return FrontMatter({}, {}, "\n".join(lines), (1, "no front matter between two lines of ---"))
    import yaml  # noqa: PLC0415  many a command loads this module and reads no page

    body = "\n".join([""] * (end + 1) + lines[end + 1 :])
    try:
        found: object = yaml.safe_load("\n".join(lines[1:end]))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        return FrontMatter({}, {}, body, (line, f"the front matter is not YAML: {error.problem}"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return FrontMatter({}, {}, body, (1, f"the front matter is not YAML: {error}"))
    if not isinstance(found, dict):
        return FrontMatter({}, {}, body, (1, "the front matter is not a list of `key: value` lines"))
    values = {str(key): value for key, value in cast("dict[object, object]", found).items()}
    return FrontMatter(values, _key_lines(lines[1:end], values), body)


def _end(lines: list[str]) -> int | None:
    if not lines or lines[0].rstrip() != "---":
        return None
    return next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)


def _key_lines(lines: list[str], keys: dict[str, object]) -> dict[str, int]:
    return {line.split(":")[0]: n for n, line in enumerate(lines, 2) if line.split(":")[0] in keys}
