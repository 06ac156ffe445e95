"""`ops token watch --systemd`: the units with which a user's systemd runs the watch."""

from dataclasses import dataclass

from mcp_server.kernel.errors import OpsError
from mcp_server.notices.notice import SECRETS
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_WEBHOOK = SECRETS["webhook"]


@dataclass(frozen=True)
class Units:
    """Two files for `~/.config/systemd/user`, which run the watch every 15 minutes."""

    service: str
    timer: str


def _units(ctx: Context, _: Params) -> Units:
    program = str(ctx.world.pack / "bin" / "ops").replace("%", "%%")
    if set(program) & set("\"'\\"):  # a dollar is literal in the program's path, but not in its arguments
        problem = f"systemd starts no program whose path has a quote or a backslash: {ctx.world.pack}"
        raise OpsError("invalid", problem, "Install the plugin in another folder")
    root = str(ctx.fleet.root).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    command = f'"{program}" --fleet "{root}" token watch'
    return Units(
        "[Unit]\nDescription=Watch the logins of the agents\n\n"
        f"[Service]\nType=oneshot\nExecStart={command}\n"
        f"# {_WEBHOOK}=https://... in this file (mode 0600) has a message sent at each change for the worse.\n"
        "EnvironmentFile=-%h/.config/ops-token-watch.env\n",
        "[Unit]\nDescription=Watch the logins of the agents\n\n"
        "[Timer]\nOnCalendar=*:0/15\nRandomizedDelaySec=60\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n",
    )


def _text(units: Units) -> str:
    return (
        f"# ops-token-watch.service\n{units.service}\n# ops-token-watch.timer\n{units.timer}\n"
        "# Then: systemctl --user daemon-reload && systemctl --user enable --now ops-token-watch.timer"
    )


TOKEN_SYSTEMD = Operation(
    name="token_systemd",
    title="Print the systemd units",
    summary="print the units that run the watch, and change nothing",
    effect=Effect.READ,
    params=Params,
    run=_units,
    text=_text,
    flag_of="token_watch",
)
