"""The faults of the example fleet."""

from collections.abc import Callable
from dataclasses import dataclass

from mcp_server.demo import injection, on_disk
from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.on_disk import DiskState


@dataclass(frozen=True)
class Fault:
    """The audit must report `code` for `agents`, and the index must lead from the code to one of `pages`."""

    name: str
    title: str
    agents: tuple[str, ...]
    code: str
    pages: tuple[str, ...]
    inject: Callable[[DemoFleet], None]
    observe: Callable[[DemoFleet], DiskState]
    curable: bool = False
    "Whether the run must fix it; the other faults need a human."


def _drifted(name: str, title: str, agent: str, plant: Callable[[DemoFleet], None]) -> Fault:
    pages = ("config-drifted", "config-sync")
    return Fault(name, title, (agent,), "config_drift", pages, plant, on_disk.at_config(agent), curable=True)


FAULTS = (
    _drifted("server_missed", "opus-2 lacks an MCP server of the master", "opus-2", injection.miss_server),
    _drifted("value_missed", "codex-3 has an older value than the master", "codex-3", injection.miss_value),
    _drifted("local_change", "gemini-2 changed its own config", "gemini-2", injection.change_locally),
    Fault(
        "config_cut_off",
        "qa-1's config is cut off",
        ("qa-1",),
        "config_unreadable",
        ("config-unreadable",),
        injection.cut_off,
        on_disk.at_config("qa-1"),
    ),
    Fault(
        "commits_on_main",
        "codex-5 committed on main",
        ("codex-5",),
        "on_main",
        ("commits-on-main",),
        injection.commit_on_main,
        on_disk.at_main,
    ),
    Fault(
        "behind_and_dirty",
        "opus-4 is 12 commits behind, with open work",
        ("opus-4",),
        "behind",
        ("branch-behind", "clone-behind-and-dirty"),
        injection.fall_behind,
        on_disk.at_behind,
    ),
    Fault(
        "api_key",
        "an API key in pm-2's .env",
        ("pm-2",),
        "shadowed_login",
        ("api-key-in-env", "shadowed-login"),
        injection.put_key,
        on_disk.at_key,
        curable=True,
    ),
    Fault(
        "copied_login",
        "opus-5 and opus-6 hold copies of one login",
        ("opus-5", "opus-6"),
        "copied_login",
        ("copied-login",),
        injection.copy_login,
        on_disk.at_copies,
    ),
    Fault(
        "access_lapsed",
        "the host's access token has lapsed",
        (),
        "access_lapsed",
        ("token-refresh", "access-token-expired"),
        injection.let_lapse,
        on_disk.at_access,
        curable=True,
    ),
    Fault(
        "login_ending",
        "the host's login ends in two days",
        (),
        "login_ending",
        ("login-ending",),
        injection.let_end,
        on_disk.at_login,
    ),
    Fault(
        "incident_without_row",
        "an incident without an index row",
        ("ops-1",),
        "index_row_missing",
        ("incident-without-row",),
        injection.forget_row,
        on_disk.at_row,
    ),
    Fault(
        "row_without_incident",
        "an index row whose file is gone",
        ("ops-1",),
        "index_file_missing",
        ("row-without-file",),
        injection.lose_file,
        on_disk.at_file,
    ),
)


def inject_faults(fleet: DemoFleet) -> None:
    """Inject the faults whose agents are all in the fleet."""
    for fault in FAULTS:
        if set(fault.agents) <= set(fleet.agents):
            fault.inject(fleet)
