"""What goes wrong in the life of a fleet, planted one by one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mcp_server.demo import look, planting
from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.look import Look


@dataclass(frozen=True)
class Fault:
    """`code` has to be found for `agents`, and the index has to lead from it to one of `pages`."""

    name: str
    title: str
    agents: tuple[str, ...]
    code: str
    pages: tuple[str, ...]
    plant: Callable[[DemoFleet], None]
    look: Callable[[DemoFleet], Look]
    curable: bool = False
    "Whether the run has to end with it gone; the others need a human."


def _drifted(name: str, title: str, agent: str, plant: Callable[[DemoFleet], None]) -> Fault:
    pages = ("config-drifted", "config-sync")
    return Fault(name, title, (agent,), "config_drift", pages, plant, look.at_config(agent), curable=True)


FAULTS = (
    _drifted("server_missed", "opus-2 lacks an MCP server of the master", "opus-2", planting.miss_server),
    _drifted("value_missed", "codex-3 has an older value than the master", "codex-3", planting.miss_value),
    _drifted("local_change", "gemini-2 changed its own config", "gemini-2", planting.change_locally),
    Fault(
        "config_cut_off",
        "qa-1's config is cut off",
        ("qa-1",),
        "config_unreadable",
        ("config-unreadable",),
        planting.cut_off,
        look.at_config("qa-1"),
    ),
    Fault(
        "commits_on_main",
        "codex-5 committed on main",
        ("codex-5",),
        "on_main",
        ("commits-on-main",),
        planting.commit_on_main,
        look.at_main,
    ),
    Fault(
        "behind_and_dirty",
        "opus-4 is 12 commits behind, with open work",
        ("opus-4",),
        "behind",
        ("branch-behind", "clone-behind-and-dirty"),
        planting.fall_behind,
        look.at_behind,
    ),
    Fault(
        "api_key",
        "an API key in pm-2's .env",
        ("pm-2",),
        "shadowed_login",
        ("api-key-in-env", "shadowed-login"),
        planting.put_key,
        look.at_key,
        curable=True,
    ),
    Fault(
        "copied_login",
        "opus-5 and opus-6 hold copies of one login",
        ("opus-5", "opus-6"),
        "copied_login",
        ("copied-login",),
        planting.copy_login,
        look.at_copies,
    ),
    Fault(
        "access_lapsed",
        "the host's access token has lapsed",
        (),
        "access_lapsed",
        ("token-refresh", "access-token-expired"),
        planting.let_lapse,
        look.at_access,
        curable=True,
    ),
    Fault(
        "login_ending",
        "the host's login ends in two days",
        (),
        "login_ending",
        ("login-ending",),
        planting.let_end,
        look.at_login,
    ),
    Fault(
        "incident_without_row",
        "an incident without an index row",
        ("ops-1",),
        "index_row_missing",
        ("incident-without-row",),
        planting.forget_row,
        look.at_row,
    ),
    Fault(
        "row_without_incident",
        "an index row whose file is gone",
        ("ops-1",),
        "index_file_missing",
        ("row-without-file",),
        planting.lose_file,
        look.at_file,
    ),
)


def plant(fleet: DemoFleet, faults: Iterable[Fault] = FAULTS) -> None:
    """Plant the faults whose agents are all in the fleet."""
    for fault in faults:
        if set(fault.agents) <= set(fleet.agents):
            fault.plant(fleet)
