"""Expands the parts of a line to words, as far as they are known before it runs."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.grammar import between, text_of
from mcp_server.guard.shell.state import Output, Shell, Steps
from mcp_server.kernel.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from tree_sitter import Node

_EXPANSION: Final = lazy_pattern(r"\$\{?(!?)([A-Za-z_]\w*|[0-9@*#?!-])(?:\[[@*0-9]+\])?(.*?)\}?", re.DOTALL)


class Expansion:
    """`substituted` follows the commands of a substitution and returns their output."""

    def __init__(self, substituted: "Callable[[Shell, list[Node], Output], Output]", steps: Steps) -> None:
        self._substituted, self._steps = substituted, steps
        self.streams: dict[str, Output] = {}
        "The output of process substitutions and the text of heredocs, by the file name that stands for them."

    def __call__(self, shell: Shell, node: "Node") -> list[str]:
        """The words that one argument expands to."""
        found = [word for built in self._pieces(shell, node) for word in w.expanded(built)]
        self._steps.take(sum(map(len, found)))
        return found

    def _pieces(self, shell: Shell, node: "Node") -> list[str]:  # noqa: PLR0911  # one case for each node
        self._steps.take()
        match node.type:
            case "word" | "command_name" | "concatenation" | "number" | "extglob_pattern":
                return self._bare_word(shell, node)
            case "raw_string":
                return [text_of(node)[1:-1]]
            case "ansi_c_string":
                return [w.ansi_c(text_of(node)[2:-1])]
            case "string" | "translated_string":
                return self._in_string(shell, node)
            case "simple_expansion" | "expansion":
                separators = "".join(shell.values.get("IFS", [" \t\n"]))
                return [w.BLANK.join(_split(w.BLANK.join(self._value(shell, node)), separators))]
            case "command_substitution":
                out = self._substituted(shell.inner(), node.named_children, "")
                return [w.MANY if out is None else w.BLANK.join(out.split())]
            case "process_substitution":
                name = f"/dev/fd/{w.ANY}{len(self.streams)}"
                self.streams[name] = self._substituted(shell.inner(), node.named_children, None)
                return [name]
            case "brace_expression":
                return [w.unquoted(text_of(node))]
            case "arithmetic_expansion":
                self.below(shell, node)
                return [w.ANY]
            case _:
                self.below(shell, node)
                return [text_of(node)]

    def _bare_word(self, shell: Shell, node: "Node") -> list[str]:
        found: list[list[str]] = []
        at = node.start_byte
        for child in node.named_children:
            if child.start_byte > at:
                found.append([w.unquoted(between(node, at, child.start_byte))])
            found.append(self._pieces(shell, child))
            at = child.end_byte
        if at < node.end_byte:
            found.append([w.unquoted(between(node, at, node.end_byte))])
        return w.combined(found)

    def _in_string(self, shell: Shell, node: "Node") -> list[str]:
        """A quoted string is one word, unless it is "$@" or "${a[@]}" alone."""
        inner = [c for c in node.named_children if c.type != "string_content"]
        if len(inner) == 1 and len(text_of(node)) == len(text_of(inner[0])) + 2 and "@" in text_of(inner[0]):
            values = self._value(shell, inner[0]) if "expansion" in inner[0].type else [w.ANY]
            return [w.BLANK.join(values)] if values else [w.BLANK]
        return [self.quoted(shell, node, 1)]

    def quoted(self, shell: Shell, node: "Node", edge: int = 0) -> str:
        """The text between double quotes or of a heredoc, with its expansions."""
        at, end, found = node.start_byte + edge, node.end_byte - edge, ""
        if node.type == "translated_string":
            at += 1
        for child in node.named_children:
            if child.type in ("string_content", "heredoc_content", "string"):
                continue
            found += _unescaped(between(node, at, child.start_byte))
            if child.type == "command_substitution":
                out = self._substituted(shell.inner(), child.named_children, "")
                found += w.ANY if out is None else out.rstrip("\n")
            elif "expansion" in child.type and child.type != "arithmetic_expansion":
                found += " ".join(self._value(shell, child)).replace(w.MANY, w.ANY)
            else:
                self.below(shell, child)
                found += w.ANY
            at = child.end_byte
        return found + _unescaped(between(node, at, end))

    def _value(self, shell: Shell, node: "Node") -> list[str]:
        self.below(shell, node)
        found = _EXPANSION.fullmatch(text_of(node))
        if found is None:
            return [w.MANY]
        indirect, name, rest = found[1], found[2], found[3]
        known = self._known(shell, name)
        if indirect:
            known = shell.values.get(known[0]) if known else None
        is_default = rest[:2] in (":-", "-") and known != [""]
        return [w.MANY] if known is None or (rest and not is_default) else known

    def _known(self, shell: Shell, name: str) -> list[str] | None:
        if name in ("@", "*"):
            return shell.arguments
        if name.isdecimal():
            return shell.arguments[int(name) - 1 : int(name)] if shell.arguments is not None and int(name) else None
        if name == "IFS" and name not in shell.values:
            return [" "]
        return shell.values.get(name) or {"PWD": [shell.cwd], "SHELL": ["sh"], "BASH": ["bash"]}.get(name)

    def below(self, shell: Shell, node: "Node") -> None:
        """Run the substitutions inside a node, without using their output."""
        for child in node.named_children:
            if child.type in ("command_substitution", "process_substitution"):
                self._substituted(shell.inner(), child.named_children, "")
            else:
                self.below(shell, child)

    def assignment(self, shell: Shell, node: "Node") -> tuple[str, list[str]]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        plain = re.sub(r"\[.*", "", text_of(name)) if name else ""
        if value is None:
            return plain, [""]
        if value.type == "array":
            return plain, [v for child in value.named_children for v in self(shell, child)]
        text = "".join(self._pieces(shell, value)).replace(w.BLANK, " ").replace(w.MANY, w.ANY)
        text = " ".join(w.expanded(text)) if w.OPEN not in text else text.translate(w.LITERAL)
        if "+=" in text_of(node)[: len(plain) + 8].partition("=")[0] + "=":
            text = " ".join(shell.values.get(plain, [w.ANY])) + text
        self._steps.take(len(text))
        return plain, [text]


def _unescaped(text: str) -> str:
    """Text between double quotes without its backslashes."""
    return re.sub(r"\\([\"\\$`\n])", lambda found: found[1].strip("\n"), text)


def _split(value: str, separators: str) -> list[str]:
    return re.split(f"[{re.escape(separators)}]+", value) if separators else [value]
