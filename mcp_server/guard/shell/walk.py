"""Follows a command line as a shell would run it, without running it.

The output of a command is followed as far as it is known, for `$(echo main)` and `... | sh`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mcp_server.guard.shell import words as w
from mcp_server.guard.shell.expansion import Expansion
from mcp_server.guard.shell.grammar import (
    first_word,
    is_continuation,
    parse,
    redirects,
    runs,
    substituted_by,
    text_of,
)
from mcp_server.guard.shell.heredocs import extract_heredocs
from mcp_server.guard.shell.state import Call, Output, Shell, Steps, joined
from mcp_server.kernel.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from tree_sitter import Node

_ASSIGNED: Final = lazy_pattern(r"([A-Za-z_]\w*)(\[[^\]]*\])?(\+?)=(.*)", re.DOTALL)
_EXPORTS: Final = ("export", "declare", "typeset")
_WRITES: Final = {">", ">>", ">|", "&>", "&>>", "<>"}
_PARTS_OF_HEREDOC: Final = ("heredoc_start", "heredoc_body", "heredoc_end", "file_redirect", "herestring_redirect")
_DEEPEST = 12
_MOST_STEPS = 100_000
"Many more than the scripts of agents take, and less than a second."


class Walk:
    """Calls `run` for each simple command, `written` for each file that a redirection writes.

    `unparsed` is called for a text that is no valid shell or is nested too deep.
    """

    def __init__(
        self,
        run: Callable[[Shell, Call], Output],
        written: Callable[[Shell, str, Output], None],
        unparsed: Callable[[str], None],
    ) -> None:
        self.run = run
        self._written = written
        self._unparsed = unparsed
        self._steps = Steps(_MOST_STEPS)
        self.expand = Expansion(self._all, self._steps)

    def text(self, shell: Shell, text: str) -> Output:
        """Follow a text in this shell; returns its output."""
        if shell.depth > _DEEPEST:
            self._unparsed(text)
            return None
        shell.depth += 1
        try:
            return self._parsed(shell, text)
        finally:
            shell.depth -= 1

    def _parsed(self, shell: Shell, text: str) -> Output:
        self._steps.take(len(text))
        root = parse(text)
        if root.has_error:
            plain, bodies = extract_heredocs(text)
            self.expand.streams.update(bodies)
            root = parse(plain)
            if root.has_error:
                self._unparsed(plain)
        return self.node(shell, root, "")

    def node(self, shell: Shell, node: "Node", stdin: Output, source: str = "") -> Output:  # noqa: C901, PLR0911  # one case for each node
        """Follow one node; returns its output."""
        self._steps.take()
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
                    shell.functions[text_of(name)] = body
                return ""
            case "for_statement" | "c_style_for_statement":
                return self._loop(shell, node, stdin)
            case "comment":
                return ""
            case "test_command" | "unset_command":
                self.expand.below(shell, node)
                return ""
            case _:
                return self._all(shell, node.named_children, stdin, source)

    def _all(self, shell: Shell, nodes: "list[Node]", stdin: Output, source: str = "") -> Output:
        out = joined(self.node(shell, child, stdin, source) for child in nodes if runs(child))
        self._steps.take(len(out or ""))
        return out

    def _pipeline(self, shell: Shell, nodes: "list[Node]", stdin: Output, source: str) -> Output:
        out = stdin
        for node in nodes:
            if node.type != "comment":
                out = self.node(shell.inner(), node, out, source or "(none)")
                source = first_word(node)
        return out

    def _loop(self, shell: Shell, node: "Node", stdin: Output) -> Output:
        name, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
        values = [v for child in node.children_by_field_name("value") for v in self.expand(shell, child)]
        if name is None or body is None:
            return self._all(shell, node.named_children, stdin)
        for value in values[:40] or (w.ANY,):
            shell.values[text_of(name)] = [value.replace(w.MANY, w.ANY)]
            self.node(shell, body, stdin)
        return None

    def _redirected(self, shell: Shell, node: "Node", stdin: Output, source: str) -> Output:
        body = node.child_by_field_name("body")
        flow = _Flow(stdin, source)
        for part in redirects(node):
            self._redirect(shell, part, flow)
        out = self._with_more(shell, body, flow) if body else ""
        for target in flow.targets:
            self._written(shell, target, out)
        for after in flow.later:
            if after.type == "pipeline":
                out = self._pipeline(shell, list(after.named_children), out, first_word(body) if body else "")
            else:
                out = self.node(shell, after, "")
        return "" if flow.targets else out

    def _redirect(self, shell: Shell, part: "Node", flow: "_Flow") -> None:
        match part.type:
            case "herestring_redirect":
                flow.stdin, flow.source = "\n".join(self.expand(shell, part.named_children[-1])), "(text)"
            case "heredoc_redirect":
                flow.stdin, flow.source = self._heredoc(shell, part), "(text)"
                flow.later += [c for c in part.named_children if c.type not in _PARTS_OF_HEREDOC]
            case "file_redirect":
                named = [v for c in part.children_by_field_name("destination") for v in self.expand(shell, c)]
                flow.more += named[1:]
                operator = next((c.type for c in part.children if c.type in {*_WRITES, "<"}), "")
                if operator in _WRITES:
                    flow.targets += named[:1]
                elif operator == "<" and named:
                    flow.stdin, flow.source = self.expand.streams.get(named[0], None), "(file)"
            case _:
                pass

    def _with_more(self, shell: Shell, body: "Node", flow: "_Flow") -> Output:
        """The grammar makes words after a redirection its targets, but they belong to the command."""
        if flow.more and body.type == "command":
            return self._command(shell, body, flow.stdin, flow.source, flow.more)
        return self.node(shell, body, flow.stdin, flow.source)

    def _heredoc(self, shell: Shell, node: "Node") -> Output:
        start = next(c for c in node.named_children if c.type == "heredoc_start")
        body = next((c for c in node.named_children if c.type == "heredoc_body"), None)
        if body is None:
            return ""
        if text_of(start)[0] in "'\"\\":
            return text_of(body)
        return self.expand.quoted(shell, body)

    def _command(
        self, shell: Shell, node: "Node", stdin: Output, source: str, more: list[str] | None = None
    ) -> Output:
        environment: dict[str, str] = {}
        found: list[str] = []
        end = None
        for child in node.named_children:
            if child.type == "variable_assignment":
                name, value = self.expand.assignment(shell, child)
                environment[name] = w.MANY.join(value) if len(value) != 1 else value[0]
            elif child.type == "herestring_redirect":
                stdin, source = "\n".join(self.expand(shell, child.named_children[-1])), "(text)"
            elif child.type in ("file_redirect", "heredoc_redirect"):
                continue
            else:
                part = self.expand(shell, child)
                joined = end is not None and child.start_byte > end and is_continuation(node, end, child.start_byte)
                if joined and found and part:
                    found[-1] += part.pop(0)
                found += part
                end = child.end_byte
        found += more or []
        if not found:
            shell.values.update({name: [value] for name, value in environment.items()})
            return ""
        return self.run(shell, Call(found, environment, stdin, source or substituted_by(node)))

    def call_function(self, shell: Shell, call: Call) -> Output:
        """Run a function that the line defines, with the arguments of this call."""
        if shell.depth > _DEEPEST:
            self._unparsed(call.words[0])
            return None
        before, shell.arguments = shell.arguments, call.words[1:]
        shell.depth += 1
        try:
            return self.node(shell, shell.functions[call.words[0]], call.stdin)
        finally:
            shell.arguments, shell.depth = before, shell.depth - 1

    def _declare(self, shell: Shell, node: "Node") -> Output:
        exports = node.type == "declaration_command" and text_of(node.children[0]) in _EXPORTS
        exported: dict[str, str] = {}
        for child in [node] if node.type == "variable_assignment" else node.named_children:
            if child.type == "variable_assignment":
                name, value = self.expand.assignment(shell, child)
                shell.values[name] = value
                if exports:
                    exported[name] = " ".join(value)
            elif exports and child.type == "variable_name" and (known := shell.values.get(text_of(child))):
                exported[text_of(child)] = " ".join(known)
            else:
                assigned = filter(None, map(_ASSIGNED.fullmatch, self.expand(shell, child)))
                given = {found[1]: found[4] for found in assigned}
                shell.values.update({name: [value] for name, value in given.items()})
                exported |= given
        shell.exported.update(exported)
        if exported:
            self.run(shell, Call(["export"], exported, ""))
        return ""


@dataclass
class _Flow:
    """Effects of the redirections of a command."""

    stdin: Output
    source: str
    targets: list[str] = field(default_factory=list[str])
    "Files that are written."
    more: list[str] = field(default_factory=list[str])
    "Words of the command that follow a redirection."
    later: "list[Node]" = field(default_factory=list["Node"])
    "What follows the opener of a heredoc, on its line."
