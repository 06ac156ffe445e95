"""The rules: whether an agent may do what it is about to do.

`judge` decides for `guard_check`, for the client's hook and for the operations that change branches.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal

from mcp_server.clients.claude import API_KEY, BEARER, KEY_HELPER
from mcp_server.guard.shell.words import DETACHED, is_unknown, might_be
from mcp_server.kernel.policy import Policy

Kind = Literal[
    "commit", "move", "push", "push_all", "stage", "merge", "open_pr", "bypass", "opaque", "credential", "server"
]
Level = Literal["allow", "ask", "deny"]
LEVELS: Final[tuple[Level, ...]] = ("allow", "ask", "deny")
"From the mildest to the strictest."

CREDENTIALS: Final = (API_KEY, BEARER, KEY_HELPER)
"Variables and settings that replace the login."
EXAMPLES: Final = (".example", ".sample", ".template", ".dist")


@dataclass(frozen=True)
class Actor:
    """The agent that acts. `role` is None if neither AGENT_NAME nor the folder names one."""

    agent: str | None = None
    role: str | None = None


@dataclass(frozen=True)
class Action:
    """`target` is the branch, file or variable that the action changes; `detail` describes how, for the reason."""

    kind: Kind
    target: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """`reason` ends with what is allowed instead."""

    verdict: Level
    rule: str
    reason: str


ALLOWED: Final = Verdict("allow", "none", "No rule is against it.")


def guards(policy: Policy, branch: str) -> bool:
    """Whether the branch is protected, or might be."""
    return any(might_be(branch, name) for name in policy.protected)


def judge(action: Action, actor: Actor, policy: Policy) -> Verdict:
    """The verdict on one action."""
    match action.kind:
        case "commit" | "move" | "push":
            return _branch(action, actor, policy)
        case "merge":
            return _merge(action, actor, policy)
        case "stage":
            return _stage(action, policy)
        case _:
            level, rule, reason = _PLAIN[action.kind]
            return Verdict(level, rule, reason.format(action))


def _branch(action: Action, actor: Actor, policy: Policy) -> Verdict:
    branch, own = action.target, policy.allowed(actor.role) if actor.role else ()
    here = own[0] if own and "*" not in own[0] else "your role's branch"
    if branch in policy.protected:
        done = {"commit": "a commit on", "move": "a change to", "push": "a push to"}[action.kind]
        why = f" ({action.detail})" if action.detail else ""
        way = f"Work on {here}, push it, and let a human ask for the pull request."
        return Verdict("deny", "protected_branch", f"This is {done} {branch}{why}, a protected branch. {way}")
    if is_unknown(branch) and guards(policy, branch):
        reason = "The branch that this changes is not known before it runs. Name the branch."
        return Verdict("ask", "unknown_branch", reason)
    if action.kind != "move" and own and branch != DETACHED and not is_unknown(branch) and not _matches(branch, own):
        reason = f"{branch} is not a branch of the role {actor.role}. Use {' or '.join(own)}."
        return Verdict("deny", "role_branch", reason)
    return ALLOWED


def _merge(action: Action, actor: Actor, policy: Policy) -> Verdict:
    way = f"The {' or '.join(policy.mergers)} agent merges once the checks are green."
    if action.detail:
        return Verdict("deny", "merge_rules", f"{action.detail} bypasses the rules of the branch. {way}")
    if actor.role not in policy.mergers:
        return Verdict("deny", "merge", f"Nobody merges a pull request of their own. {way}")
    if action.target and _matches(action.target, policy.allowed(actor.role or "")):
        return Verdict("deny", "merge", f"{action.target} is a branch of your own role. Another role merges it.")
    return ALLOWED


def _stage(action: Action, policy: Policy) -> Verdict:
    name = action.target.rstrip("/").rpartition("/")[2]
    if _matches(name, policy.private):
        reason = f"{name} is never committed: it holds logins or keys. Name the files of your change instead."
        return Verdict("deny", "private_file", reason)
    return ALLOWED


_PLAIN: Final[Mapping[Kind, tuple[Level, str, str]]] = {
    "push_all": (
        "deny",
        "protected_branch",
        "{0.detail} also pushes protected branches. Push one branch by name.",
    ),
    "open_pr": (
        "ask",
        "pull_request",
        "A pull request is opened on a human's word only. Push, and ask for it.",
    ),
    "bypass": ("deny", "bypass", "{0.detail} disables checks. Leave it out; if a check is wrong, tell the human."),
    "opaque": (
        "ask",
        "not_judged",
        "{0.detail} cannot be judged before it runs and may run git or gh. Write it out.",
    ),
    "credential": ("deny", "credential", "{0.target} replaces the Claude Max login. Use /ops:opus_token_refresh."),
    "server": ("deny", "server_rules", "{0.detail} changes how the server protects branches. That is for a human."),
}


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns) and not name.endswith(EXAMPLES)
