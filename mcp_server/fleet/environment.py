"""The environment of an agent: which variables reach it and from where, and which do not and why. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from mcp_server.clients.claude_variables import reason_to_withhold
from mcp_server.kernel.secret import Secret

Source = Literal["caller", "env_file"]
_MOST: Final = 131_071
"Bytes of `NAME=value`: the kernel starts no program with more."
_CALLERS: Final = (
    (
        "it names the repository of the caller",
        re.compile(r"GIT_(?:DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|NAMESPACE|PREFIX)"),
    ),
)
_ENV_FILES: Final = (
    (
        "it could have other programs run than the operator's",
        re.compile(
            r"""LD_\w+|DYLD_\w+|NODE_OPTIONS|PYTHON\w+|BASH_ENV|ENV|PATH|HOME|SHELL|IFS|OPS_CLAUDE
              | CLAUDE_CODE_(?:SHELL(?:_PREFIX)?|PROCESS_WRAPPER|TEAMMATE_COMMAND)""",
            re.VERBOSE,
        ),
    ),
    ("it switches off the check of certificates", re.compile("NODE_TLS_REJECT_UNAUTHORIZED")),
)


@dataclass(frozen=True)
class Withheld:
    """A variable that does not reach the agent, where it is set, and why."""

    name: str
    source: Source
    reason: str


@dataclass(frozen=True)
class AgentEnvironment:
    """What an agent is started with. `variables` are set by ops; they win over its `.env`, and that over the rest."""

    variables: Mapping[str, str]
    values: Mapping[str, Secret] = field(repr=False)
    "Those of its `.env`; never part of an answer."
    inherited: Mapping[str, str] = field(repr=False)
    withheld: tuple[Withheld, ...]

    def whole(self) -> dict[str, str]:
        """All of it, as a program gets it."""
        return {**self.inherited, **{n: v.reveal() for n, v in self.values.items()}, **self.variables}


def environment_of(
    variables: Mapping[str, str],
    env_file: Mapping[str, Secret],
    caller: Mapping[str, str],
    *,
    contained: bool = False,
    declared: Collection[str] = (),
) -> AgentEnvironment:
    """The environment of an agent for which ops sets `variables`, from its `.env` and the caller's environment.

    A `contained` agent's container gets the `.env` by the compose file, and what is started here is only its door.
    What its `.env` has of the `declared` variables is its login.
    """
    of_file = {
        name: "the compose file gives it to its container"
        if contained
        else "ops sets it"
        if name in variables
        else None
        if name in declared
        else _reason(_ENV_FILES, name, value)
        for name, value in env_file.items()
    }
    values = {name: env_file[name] for name, reason in of_file.items() if reason is None}
    of_caller = {
        name: _reason(_CALLERS, name, Secret(value))
        for name, value in caller.items()
        if name not in variables and name not in values
    }
    return AgentEnvironment(
        variables,
        values,
        {name: caller[name] for name, reason in of_caller.items() if reason is None},
        (
            *(Withheld(name, "env_file", reason) for name, reason in of_file.items() if reason),
            *(Withheld(name, "caller", reason) for name, reason in of_caller.items() if reason),
        ),
    )


def _reason(rules: tuple[tuple[str, re.Pattern[str]], ...], name: str, value: Secret) -> str | None:
    """Why a variable of a `.env` or of the caller is withheld; None if it is passed on."""
    text = f"{name}={value.reveal()}"
    if "\0" in text or len(text.encode(errors="surrogateescape")) > _MOST:
        return "no program can be started with such a value: it is too long, or holds a zero byte"
    return reason_to_withhold(name) or next((why for why, pattern in rules if pattern.fullmatch(name)), None)
