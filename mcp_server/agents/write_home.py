"""Makes an agent's config folder: with its config, and with the user's own rules in force there.

Claude Code writes through links. So the user's settings, where it also keeps its own choices, are merged into a file
of the agent's, and everything else of the user's folder is linked.
"""

import json
from pathlib import Path
from typing import cast

from mcp_server.agents.environment import IGNORED, PRIVATE
from mcp_server.agents.settings import merged
from mcp_server.clients.claude import CONFIG_BEING_WRITTEN, CONFIG_FILE, SETTINGS_FILE
from mcp_server.clients.claude_home import is_of_user
from mcp_server.fleet.look_home import home_of, users_folder
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context


def make_home(ctx: Context, agent: Agent) -> None:
    """Make the config folder of a Claude Code agent on this host, or bring it up to date."""
    if agent.run_mode == "docker" or agent.client != "claude":
        return
    files, home, users = ctx.world.files, home_of(ctx, agent), users_folder(ctx)
    theirs = [name for name in files.names(users) if is_of_user(name)]
    with files.lock(f"home-{ctx.key}-{agent.name}"):
        files.make_private(home)
        _link_config(ctx, files.real(agent.folder) / CONFIG_FILE, home / CONFIG_FILE)
        for name in theirs:
            _link(ctx, home / name, users / name)
        for name in set(files.names(home)) - {*theirs, CONFIG_FILE}:
            if files.kind(home / name) == "link" and files.real(home / name).is_relative_to(files.real(users)):
                files.unlink(home / name)
        _merge_settings(ctx, home, users)
    _hide_from_git(ctx, agent)


def _hide_from_git(ctx: Context, agent: Agent) -> None:
    """Have git ignore the private files of the clone, and those that are there for a moment. Tracked ones stay so."""
    git, files = ctx.world.git, ctx.world.files
    if git.clone_root(agent.folder) is None:
        return
    if not git.unignored(agent.folder, (*PRIVATE, CONFIG_BEING_WRITTEN)):
        return
    path = git.exclude_file(agent.folder)
    there = files.read_text(path) if files.kind(path) != "absent" else ""
    if missing := [line for line in IGNORED if line not in there.splitlines()]:
        files.make_folder(path.parent, inside=path.parent.parent)
        text = "\n".join([*([there.rstrip("\n")] if there.strip() else []), *missing, ""])
        files.replace(path, text.encode(), inside=path.parent)


def _link_config(ctx: Context, config: Path, link: Path) -> None:
    """Have the client read the config in the clone. A plain file in place of the link is newer than that config."""
    files = ctx.world.files
    if files.kind(link) == "file":
        if files.kind(config) != "absent":
            files.back_up(config, _run(ctx))
        files.replace(config, files.read(link, 50_000_000), inside=config.parent, mode=0o600)
        files.set_aside(link, _run(ctx))
    files.link(link, config)


def _link(ctx: Context, link: Path, target: Path) -> None:
    """Link to an entry of the user's; what the client wrote there, while the user had none, is moved aside."""
    files = ctx.world.files
    if files.kind(link) not in ("link", "absent"):
        files.move(link, link.parent.parent / "replaced" / _run(ctx) / link.name)
    files.link(link, target)


def _merge_settings(ctx: Context, home: Path, users: Path) -> None:
    files, own, last = ctx.world.files, home / SETTINGS_FILE, home.parent / "settings-of-user.json"
    theirs = _settings(ctx, files.real(users / SETTINGS_FILE))
    try:
        mine = _settings(ctx, own)
    except OpsError:  # what the client cannot read either
        files.set_aside(own, _run(ctx))
        mine = {}
    before = _settings(ctx, last)
    for path, content, old in ((own, merged(theirs, mine, before), mine), (last, theirs, before)):
        if content != old:
            files.replace(path, json.dumps(content, indent=2).encode() + b"\n", inside=ctx.world.state, mode=0o600)


def _settings(ctx: Context, path: Path) -> dict[str, Json]:
    """The settings in a file, none without one; `invalid` if Claude Code could not read them."""
    if ctx.world.files.kind(path) == "absent":
        return {}
    try:
        found: Json = json.loads(ctx.world.files.read_text(path) or "{}")
    except (ValueError, RecursionError) as error:
        problem = f"{path} is not JSON ({error}), and no agent is started without the rules in it"
        raise OpsError("invalid", problem, f"Correct it: {path}") from None
    if not isinstance(found, dict):
        raise OpsError("invalid", f"{path} is not a JSON object", f"Correct it: {path}")
    return cast("dict[str, Json]", found)


def _run(ctx: Context) -> str:
    return f"{ctx.world.clock.now():%Y%m%dT%H%M%S.%fZ}-home"
