"""Walks a command line as a shell would run it, without running it: words expanded as far as they are known.

The grammar is tree-sitter-bash's. Each simple command goes to `run`; what it would print comes back where that can
be told, so that `$(echo main)` and `... | sh` are followed.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from mcp_server.domain.guard import words as w
from mcp_server.domain.guard.heredocs import lifted

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

Output = str | None
"What a command prints, None where that is not known."
_ASSIGNED: Final = re.compile(r"([A-Za-z_]\w*)(\[[^\]]*\])?(\+?)=(.*)", re.DOTALL)
_EXPANSION: Final = re.compile(r"\$\{?(!?)([A-Za-z_]\w*|[0-9@*#?!-])(?:\[[@*0-9]+\])?(.*?)\}?", re.DOTALL)
_WRITES: Final = {">", ">>", ">|", "&>", "&>>", "<>"}
_DEEPEST = 12


@dataclass(frozen=True)
class Call:
    """One simple command. `stdin` is what it reads there as far as known; "" for nothing."""

    words: list[str]
    environment: dict[str, str]
    stdin: Output
    piped: bool = False
    source: str = ""
    "The program that feeds it, of a pipeline."


@dataclass
class Shell:
    """The state of one shell; a subshell gets a copy."""

    cwd: str
    values: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    exported: dict[str, str] = field(default_factory=dict[str, str])
    functions: dict[str, "Node"] = field(default_factory=dict[str, "Node"])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    arguments: list[str] | None = None
    depth: int = 0

    def inner(self) -> "Shell":
        return replace(
            self,
            values=dict(self.values),
            exported=dict(self.exported),
            functions=dict(self.functions),
            aliases=dict(self.aliases),
        )


@lru_cache(maxsize=1)
def _parser() -> "Parser":
    import tree_sitter_bash  # noqa: PLC0415  # only a command line that may reach git needs it
    from tree_sitter import Language, Parser  # noqa: PLC0415

    return Parser(Language(tree_sitter_bash.language()))


class Walk:
    """`run` judges one call; `written` is told of files that are written, with their content where it is known."""

    def __init__(
        self,
        run: Callable[[Shell, Call], Output],
        written: Callable[[Shell, str, Output], None],
        unread: Callable[[str], None],
    ) -> None:
        self._run = run
        self._written = written
        self._unread = unread
        self.streams: dict[str, Output] = {}
        "What process substitutions would give, by the name they have in the words."

    def text(self, shell: Shell, text: str) -> Output:
        """Walk a whole text in this shell."""
        if shell.depth > _DEEPEST:
            self._unread(text)
            return None
        shell.depth += 1
        try:
            return self._parsed(shell, text)
        finally:
            shell.depth -= 1

    def _parsed(self, shell: Shell, text: str) -> Output:
        root = _parser().parse(text.encode("utf-8", "surrogatepass")).root_node
        if root.has_error:
            plain, bodies = lifted(text)
            self.streams.update(bodies)
            again = _parser().parse(plain.encode("utf-8", "surrogatepass")).root_node
            if again.has_error:
                self._unread(plain)
            root = again
        return self.node(shell, root, "")

    def node(self, shell: Shell, node: "Node", stdin: Output, source: str = "") -> Output:  # noqa: C901, PLR0911  # one case for each node
        """Walk one node; returns what it prints."""
        match node.type:
            case "command":
                return self._command(shell, node, stdin, source)
            case "declaration_command" | "variable_assignment" | "variable_assignments":
                return self._declare(shell, node)
            case "redirected_statement":
                return self._redirected(shell, node, stdin, source)
            case "pipeline":
                return self._pipeline(shell, list(node.named_children), stdin, source)
            case "subshell":
                return self._all(shell.inner(), node.named_children, stdin, source)
            case "function_definition":
                name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
                if name and body:
                    shell.functions[_text(name)] = body
                return ""
            case "for_statement" | "c_style_for_statement":
                return self._loop(shell, node, stdin)
            case "comment":
                return ""
            case "test_command" | "unset_command":
                self._expand_below(shell, node)
                return ""
            case _:
                return self._all(shell, node.named_children, stdin, source)

    def _all(self, shell: Shell, nodes: "list[Node]", stdin: Output, source: str = "") -> Output:
        told: list[Output] = [self.node(shell, child, stdin, source) for child in nodes if _runs(child)]
        return None if None in told else "".join(part for part in told if part)

    def _pipeline(self, shell: Shell, nodes: "list[Node]", stdin: Output, source: str) -> Output:
        out = stdin
        for node in nodes:
            if node.type != "comment":
                out = self.node(shell.inner(), node, out, source or "(none)")
                source = _first_word(node)
        return out

    def _loop(self, shell: Shell, node: "Node", stdin: Output) -> Output:
        name, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
        values = [v for child in node.children_by_field_name("value") for v in self.words(shell, child)]
        if name is None or body is None:
            return self._all(shell, node.named_children, stdin)
        for value in values[:40] or (w.ANY,):
            shell.values[_text(name)] = [value.replace(w.MANY, w.ANY)]
            self.node(shell, body, stdin)
        return None

    def _redirected(self, shell: Shell, node: "Node", stdin: Output, source: str) -> Output:
        body = node.child_by_field_name("body")
        targets: list[str] = []
        later: list[Node] = []
        more: list[str] = []
        for part in _redirects(node):
            if part.type == "herestring_redirect":
                stdin = "\n".join(self.words(shell, part.named_children[-1]))
                source = "(text)"
            elif part.type == "heredoc_redirect":
                stdin, source = self._heredoc(shell, part), "(text)"
                later += [c for c in part.named_children if c.type not in _OF_A_HEREDOC]
            elif part.type == "file_redirect":
                names = [v for child in part.children_by_field_name("destination") for v in self.words(shell, child)]
                more += names[1:]
                operator = next((c.type for c in part.children if c.type in _WRITES or c.type == "<"), "")
                if operator in _WRITES and names:
                    targets.append(names[0])
                elif operator == "<" and names:
                    stdin, source = self.streams.get(names[0], None), "(file)"
        out = self._with_more(shell, body, stdin, source, more) if body else ""
        for target in targets:
            self._written(shell, target, out)
        for node_after in later:
            into = node_after.named_children if node_after.type == "pipeline" else [node_after]
            if node_after.type == "pipeline":
                out = self._pipeline(shell, list(into), out, _first_word(body) if body else "")
            else:
                out = self.node(shell, node_after, "")
        return "" if targets else out

    def _with_more(self, shell: Shell, body: "Node", stdin: Output, source: str, more: list[str]) -> Output:
        """Words after a redirection belong to the command; the grammar hands them over as targets."""
        if more and body.type == "command":
            return self._command(shell, body, stdin, source, more)
        return self.node(shell, body, stdin, source)

    def _heredoc(self, shell: Shell, node: "Node") -> Output:
        start = next(c for c in node.named_children if c.type == "heredoc_start")
        body = next((c for c in node.named_children if c.type == "heredoc_body"), None)
        if body is None:
            return ""
        if _text(start)[0] in "'\"\\":
            return _text(body)
        return self._quoted(shell, body)

    def _command(
        self, shell: Shell, node: "Node", stdin: Output, source: str, more: list[str] | None = None
    ) -> Output:
        environment: dict[str, str] = {}
        found: list[str] = []
        end = None
        for child in node.named_children:
            if child.type == "variable_assignment":
                name, value = self._assignment(shell, child)
                environment[name] = w.MANY.join(value) if len(value) != 1 else value[0]
            elif child.type == "herestring_redirect":
                stdin, source = "\n".join(self.words(shell, child.named_children[-1])), "(text)"
            elif child.type in ("file_redirect", "heredoc_redirect"):
                continue
            else:
                part = self.words(shell, child)
                joined = end is not None and child.start_byte > end and _is_continuation(node, end, child.start_byte)
                if joined and found and part:
                    found[-1] += part.pop(0)
                found += part
                end = child.end_byte
        found += more or []
        if not found:
            shell.values.update({name: [value] for name, value in environment.items()})
            return ""
        return self._run(shell, Call(found, environment, stdin, bool(source), source))

    def call_function(self, shell: Shell, call: Call) -> Output:
        """Run a function of the line with the arguments of this call."""
        if shell.depth > _DEEPEST:
            self._unread(call.words[0])
            return None
        before, shell.arguments = shell.arguments, call.words[1:]
        shell.depth += 1
        try:
            return self.node(shell, shell.functions[call.words[0]], call.stdin)
        finally:
            shell.arguments, shell.depth = before, shell.depth - 1

    def _declare(self, shell: Shell, node: "Node") -> Output:
        named: list[str] = []
        exports = node.type == "declaration_command" and _text(node.children[0]) in ("export", "declare", "typeset")
        for child in [node] if node.type == "variable_assignment" else node.named_children:
            if child.type == "variable_assignment":
                name, value = self._assignment(shell, child)
                shell.values[name] = value
                if exports:
                    shell.exported[name] = " ".join(value)
                    named.append(name)
            elif exports and child.type == "variable_name" and (known := shell.values.get(_text(child))):
                shell.exported[_text(child)] = " ".join(known)
                named.append(_text(child))
            else:
                for word in self.words(shell, child):
                    found = _ASSIGNED.fullmatch(word)
                    if found:
                        shell.values[found[1]] = [found[4]]
                        shell.exported[found[1]] = found[4]
                        named.append(found[1])
        if named:
            self._run(shell, Call(["export"], {name: shell.exported[name] for name in named}, ""))
        return ""

    def _assignment(self, shell: Shell, node: "Node") -> tuple[str, list[str]]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        plain = re.sub(r"\[.*", "", _text(name)) if name else ""
        if value is None:
            return plain, [""]
        if value.type == "array":
            return plain, [v for child in value.named_children for v in self.words(shell, child)]
        text = "".join(self._pieces(shell, value)).replace(w.BLANK, " ").replace(w.MANY, w.ANY)
        text = " ".join(w.expanded(text)) if w.OPEN not in text else text.translate(_PLAIN)
        if "+=" in _text(node)[: len(plain) + 8].partition("=")[0] + "=":
            text = " ".join(shell.values.get(plain, [w.ANY])) + text
        return plain, [text]

    def words(self, shell: Shell, node: "Node") -> list[str]:
        """The words that one argument becomes."""
        return [word for built in w.combined([self._pieces(shell, node)]) for word in w.expanded(built)]

    def _pieces(self, shell: Shell, node: "Node") -> list[str]:  # noqa: PLR0911  # one case for each node
        match node.type:
            case "word" | "command_name" | "concatenation" | "number" | "extglob_pattern":
                return self._bare_word(shell, node)
            case "raw_string":
                return [_text(node)[1:-1]]
            case "ansi_c_string":
                return [w.ansi_c(_text(node)[2:-1])]
            case "string" | "translated_string":
                return self._in_string(shell, node)
            case "simple_expansion" | "expansion":
                return [w.BLANK.join(_split(v)) for v in [w.BLANK.join(self._value(shell, node))]]
            case "command_substitution":
                out = self._all(shell.inner(), node.named_children, "")
                return [w.MANY if out is None else w.BLANK.join(out.split())]
            case "process_substitution":
                name = f"/dev/fd/{w.ANY}{len(self.streams)}"
                self.streams[name] = self._all(shell.inner(), node.named_children, None)
                return [name]
            case "brace_expression":
                return [w.unquoted(_text(node))]
            case "arithmetic_expansion":
                self._expand_below(shell, node)
                return [w.ANY]
            case _:
                self._expand_below(shell, node)
                return [_text(node)]

    def _bare_word(self, shell: Shell, node: "Node") -> list[str]:
        if not node.named_children:
            return [w.unquoted(_text(node))]
        found: list[list[str]] = []
        at = node.start_byte
        for child in node.named_children:
            if child.start_byte > at:
                found.append([w.unquoted(_between(node, at, child.start_byte))])
            found.append(self._pieces(shell, child))
            at = child.end_byte
        if at < node.end_byte:
            found.append([w.unquoted(_between(node, at, node.end_byte))])
        return w.combined(found)

    def _in_string(self, shell: Shell, node: "Node") -> list[str]:
        """A quoted string is one word, but for "$@" and "${a[@]}" alone."""
        inner = [c for c in node.named_children if c.type != "string_content"]
        if len(inner) == 1 and len(_text(node)) == len(_text(inner[0])) + 2 and "@" in _text(inner[0]):
            values = self._value(shell, inner[0]) if "expansion" in inner[0].type else [w.ANY]
            return [w.BLANK.join(v if v else "" for v in values)] if values else [w.BLANK]
        return [self._quoted(shell, node, 1)]

    def _quoted(self, shell: Shell, node: "Node", edge: int = 0) -> str:
        """The text between double quotes or of a heredoc, with what is expanded there."""
        at, end, found = node.start_byte + edge, node.end_byte - edge, ""
        if node.type == "translated_string":
            at += 1
        for child in node.named_children:
            if child.type in ("string_content", "heredoc_content", "string"):
                continue
            found += re.sub(r"\\([\"\\$`\n])", lambda m: m[1].strip("\n"), _between(node, at, child.start_byte))
            if child.type == "command_substitution":
                out = self._all(shell.inner(), child.named_children, "")
                found += w.ANY if out is None else out.rstrip("\n")
            elif "expansion" in child.type and child.type != "arithmetic_expansion":
                found += " ".join(self._value(shell, child)).replace(w.MANY, w.ANY)
            else:
                self._expand_below(shell, child)
                found += w.ANY
            at = child.end_byte
        return found + re.sub(r"\\([\"\\$`\n])", lambda m: m[1].strip("\n"), _between(node, at, end))

    def _value(self, shell: Shell, node: "Node") -> list[str]:
        self._expand_below(shell, node)
        found = _EXPANSION.fullmatch(_text(node))
        if found is None:
            return [w.MANY]
        indirect, name, rest = found[1], found[2], found[3]
        known = self._known(shell, name)
        if indirect:
            known = shell.values.get(known[0]) if known else None
        if known is None:
            return [w.MANY]
        if not rest or (rest[0] in "-:" and rest[:2] in (":-", ":+", "-") and known != [""] and "+" not in rest[:2]):
            return known
        return [w.MANY]

    def _known(self, shell: Shell, name: str) -> list[str] | None:
        if name in ("@", "*"):
            return shell.arguments
        if name.isdecimal():
            given = shell.arguments
            return None if given is None or int(name) == 0 else given[int(name) - 1 : int(name)]
        if name == "IFS" and name not in shell.values:
            return [" "]
        if name == "PWD" and name not in shell.values:
            return [shell.cwd]
        return shell.values.get(name)

    def _expand_below(self, shell: Shell, node: "Node") -> None:
        """Substitutions inside a node run, whatever becomes of their text."""
        for child in node.named_children:
            if child.type in ("command_substitution", "process_substitution"):
                self._all(shell.inner(), child.named_children, "")
            else:
                self._expand_below(shell, child)


_OF_A_HEREDOC: Final = ("heredoc_start", "heredoc_body", "heredoc_end", "file_redirect", "herestring_redirect")
_PLAIN: Final = str.maketrans({w.OPEN: "{", w.COMMA: ",", w.CLOSE: "}"})
_NOT_RUN: Final = {"heredoc_start", "heredoc_end", "heredoc_body", "variable_name", "special_variable_name", "number"}
_NOT_RUN_EITHER: Final = {
    "word",
    "string",
    "raw_string",
    "concatenation",
    "extglob_pattern",
    "regex",
    "test_operator",
}


def _runs(node: "Node") -> bool:
    return node.type not in _NOT_RUN and node.type not in _NOT_RUN_EITHER


def _redirects(node: "Node") -> "Iterator[Node]":
    for part in node.children_by_field_name("redirect"):
        yield part
        if part.type == "heredoc_redirect":
            yield from part.children_by_field_name("redirect")


def _first_word(node: "Node") -> str:
    return _text(node).split(maxsplit=1)[0] if _text(node).strip() else ""


def _split(value: str) -> list[str]:
    return re.split(r"[ \t\n]+", value)


def _is_continuation(node: "Node", start: int, end: int) -> bool:
    gap = _between(node, start, end)
    return bool(gap) and gap.replace("\\\n", "") == ""


def _text(node: "Node") -> str:
    return (node.text or b"").decode("utf-8", "surrogatepass")


def _between(node: "Node", start: int, end: int) -> str:
    return (node.text or b"")[start - node.start_byte : end - node.start_byte].decode("utf-8", "surrogatepass")
