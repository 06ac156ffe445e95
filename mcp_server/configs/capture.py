"""`config_capture` brings a value of one agent's config into the master, for all agents."""

import json
from dataclasses import dataclass
from pathlib import Path

from mcp_server.configs.desired import desired_of
from mcp_server.configs.dialects import CLAUDE
from mcp_server.configs.look_file import decode, encode
from mcp_server.configs.look_locations import config_files
from mcp_server.configs.look_masters import master_file
from mcp_server.configs.redaction import redacted
from mcp_server.configs.write_base import write_comment
from mcp_server.configs.write_file import fleet_lock, new_run, write
from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.pointer import ABSENT, keys_of, value_at, with_value
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class CaptureParams(Params):
    name: str = Field(max_length=64, description="The agent that has the value")
    pointer: str = Field(max_length=500, description="The pointer of the value: /theme, /mcpServers/NAME")
    comment: str | None = Field(
        default=None, max_length=200, description="The reason; plans show it beside the change"
    )


@dataclass(frozen=True)
class ConfigCapture:
    """The value in the master before and after; secrets are fingerprints."""

    master: Path
    pointer: str
    before: Json
    after: Json
    backup: Path | None
    run: str
    next: str


def _capture(ctx: Context, params: CaptureParams) -> ConfigCapture:
    agent, at = ctx.agent(params.name), params.pointer
    run = new_run(ctx.world)
    with fleet_lock(ctx):
        source = next((file for file in config_files(ctx, [agent]) if file.kind == "claude"), None)
        if source is None:
            step = f"Edit the {agent.client}_master by hand"
            raise OpsError("not_found", f"{agent.name} has no .claude.json to capture from", step)
        value = value_at(source.parse(source.text(ctx.world)), at)
        if value is ABSENT:
            raise OpsError("not_found", f"{source.path} holds nothing at {shown(at)}", "Name a pointer of a plan")
        _check_is_shared(at, value)
        master = master_file(ctx)
        current = master.read(ctx.world) or b""
        text = decode(current)
        before = value_at(master.parse(text), at)
        changed = encode(CLAUDE.edit(text, {at: value}))
        backup = write(ctx.world, master, current, changed, run) if before != value else None
        write_comment(ctx, at, value, f"{agent.name}: {params.comment}" if params.comment else None)
    old, new = None if before is ABSENT else redacted(at, before), redacted(at, value)
    step = "See which agents get it: ops config plan"
    if "[secret " in str(new):
        step = f"If that is a secret, put ${{NAME}} in its place in {master.path}; then: ops config plan"
    return ConfigCapture(master.path, at, old, new, backup, run, step)


def _check_is_shared(at: str, value: Json) -> None:
    if keys_of(at) in ((), (CLAUDE.servers,)):
        step = "Name one value: /KEY or /mcpServers/NAME"
        raise OpsError("invalid", f"{shown(at)} holds what is not for all agents", step)
    document = with_value({}, at, value)
    if left_out := desired_of(document).left_out:
        raise OpsError("denied", f"not captured: {left_out[0]}", "Leave it to the agent")


def _capture_text(result: ConfigCapture) -> str:
    before, after = (json.dumps(side, ensure_ascii=False) for side in (result.before, result.after))
    lines = [f"{result.master}", f"    {result.pointer}  {before} -> {after}"]
    lines += [f"    backup: {result.backup}"] if result.backup else ["    the master already has it"]
    return "\n".join([*lines, f"next: {result.next}"])


CONFIG_CAPTURE = Operation(
    name="config_capture",
    title="Capture an agent's change",
    summary="Bring the value that an agent holds at a pointer into the master, for all agents.",
    effect=Effect.WRITE,
    params=CaptureParams,
    run=_capture,
    text=_capture_text,
    ok=lambda _: True,
    positional=("name", "pointer"),
    destructive=True,
)
