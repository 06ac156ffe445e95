"""The steps of the demo as data: calls of tools, and what a person does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from mcp_server.demo.faults import FAULTS, inject_faults
from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.injection import KEY
from mcp_server.kernel.document import Json

Answers = Mapping[str, Mapping[str, Json]]
"The answers so far, by the names of the steps."


@dataclass(frozen=True)
class Step:
    """One call of a tool. `summarize` describes the answer in a few words."""

    name: str
    tool: str
    arguments: Callable[[Answers], Mapping[str, Json]]
    summarize: Callable[[Mapping[str, Json]], str]


@dataclass(frozen=True)
class ManualStep:
    """Something a person does, or that happens to the fleet; `act` returns a description."""

    name: str
    act: Callable[[DemoFleet], str]


def plain(**arguments: Json) -> Callable[[Answers], Mapping[str, Json]]:
    return lambda _: arguments


def counted(key: str, word: str) -> Callable[[Mapping[str, Json]], str]:
    """`3 agents` for a list of three below `key`."""
    return lambda answer: f"{len(cast('list[Json]', answer[key]))} {word}"


def _of_plan(name: str, **more: Json) -> Callable[[Answers], Mapping[str, Json]]:
    return lambda answers: {"plan": answers[name]["plan"], **more}


def _tally(answer: Mapping[str, Json]) -> str:
    states = [str(cast("dict[str, Json]", agent)["state"]) for agent in cast("list[Json]", answer["agents"])]
    return ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))


def _summary(answer: Mapping[str, Json]) -> str:
    of = cast("dict[str, Json]", answer["summary"])
    verdicts = f"{of['clean']} of {of['agents']} agents clean, {of['trouble']} in trouble, {of['unknown']} not known"
    return f"{verdicts}; {of['critical']} critical, {of['warning']} warnings"


def _lookup(code: str) -> Step:
    def shows(answer: Mapping[str, Json]) -> str:
        first = cast("list[dict[str, Json]]", answer["results"])[:1]
        return f"{code}: {first[0]['path'] if answer['match'] else 'nothing documented'}"

    return Step(LOOKUP + code, "index_check", plain(problem=code), shows)


def _incident(name: str, about: dict[str, Json]) -> Step:
    return Step(f"incident {name}", "incident_open", plain(**about), lambda answer: str(answer["id"]))


def _inject(fleet: DemoFleet) -> str:
    inject_faults(fleet)
    return f"a bad week: {len(FAULTS)} faults injected"


def _remove_key(fleet: DemoFleet) -> str:
    path = fleet.agent("pm-2") / ".env"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(f"{KEY}=")), "utf-8")
    return f"{KEY} deleted from pm-2/.env, as the runbook says"


LOOKUP = "index "
_ENDING: dict[str, Json] = {
    "title": "The host's login ends in two days",
    "severity": "sev2",
    "summary": "Every Claude agent uses it. Renewing the token does not prolong it: a human has to log in.",
}
_COPIES: dict[str, Json] = {
    "title": "opus-5 and opus-6 hold copies of one login",
    "severity": "sev3",
    "summary": "The first of the two that renews it logs the other one out.",
    "agents": ["opus-5", "opus-6"],
}

PROLOGUE: tuple[Step | ManualStep, ...] = (
    Step("first plan", "config_plan", plain(), _tally),
    Step("first sync", "config_sync", _of_plan("first plan"), _tally),
    ManualStep("a week later", _inject),
)
"A first sync while all is well; then the faults are injected."

JOB: tuple[Step | ManualStep, ...] = (
    Step("audit", "fleet_audit", plain(), _summary),
    *map(_lookup, dict.fromkeys(fault.code for fault in FAULTS)),
    Step("plan", "config_plan", plain(), _tally),
    Step("sync", "config_sync", _of_plan("plan"), _tally),
    Step("plan of gemini-2", "config_plan", plain(agents=["gemini-2"]), _tally),
    ManualStep("by hand", lambda _: "a human looks at what gemini-2 changed, and decides: take master"),
    Step("sync decided", "config_sync", _of_plan("plan of gemini-2", agents=["gemini-2"], take="master"), _tally),
    Step("tokens", "token_check", plain(), counted("hazards", "hazards")),
    Step("refresh", "token_refresh", plain(), lambda answer: str(answer["outcome"])),
    ManualStep("by hand", _remove_key),
    _incident("login", _ENDING),
    _incident("copies", _COPIES),
    Step("audit after", "fleet_audit", plain(), _summary),
    Step("tokens after", "token_check", plain(), counted("hazards", "hazards")),
)
