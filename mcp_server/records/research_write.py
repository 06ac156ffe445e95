"""`research_write`: has the Gemini CLI research a topic, and writes the note in the caller's clone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mcp_server.clients.gemini import OWN_VARIABLES
from mcp_server.fleet import env_file as envfile
from mcp_server.kernel.caller_text import line
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.file_names import require_title, slug
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.secret import Secret
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records import research
from mcp_server.workflow.look_own_clone import own_folder


class WriteParams(Params):
    topic: str = Field(default="", description="In one line; empty names suggestions")
    question: str = Field(default="", max_length=2_000, description="What the note answers")


@dataclass(frozen=True)
class Written:
    """`path` is in the clone of `agent`; `backup` is the note that it replaced. Nothing is committed."""

    path: Path
    agent: str
    model: str
    sections: tuple[str, ...]
    backup: Path | None
    next: str


def _write(ctx: Context, params: WriteParams) -> Written:
    if not params.topic.strip():
        raise OpsError("invalid", "no topic was given", f"Give one, for example: {'; '.join(research.TOPICS)}")
    require_title(params.topic, "the topic")
    home, folder = own_folder(ctx, research.FOLDER)
    topic, files = line(params.topic), ctx.world.files
    sections = _sections(ctx, folder)
    path = folder / f"{slug(topic, 'note')}.md"
    before = files.read(path) if files.kind(path) != "absent" else None
    page = _researched(ctx, home, topic, line(params.question, 2_000), sections)
    with files.lock("research"):
        if before != (files.read(path) if files.kind(path) != "absent" else None):
            raise OpsError("conflict", f"{path} changed meanwhile; it stays", "Run the same again")
        backup = files.keep(path, before, f"research-{ctx.world.clock.now():%Y%m%d-%H%M%S}") if before else None
        files.replace(path, page.encode(), inside=home.folder, mode=0o644)
    add = f"{home.git} add {research.FOLDER}/{path.name}"
    step = f"Read it and check its sources. To commit it: {add}, then git commit"
    return Written(path, home.name, ctx.fleet.research.model, sections, backup, step)


def _sections(ctx: Context, folder: Path) -> tuple[str, ...]:
    readme = folder / "README.md"
    sections = research.required_sections(ctx.world.files.read_text(readme))
    if not sections:
        step = "List them there, one a line, as `## Question`, `## Summary`, `## Sources`"
        raise OpsError("invalid", f"{readme} does not say which sections a note has", step)
    return sections


def _researched(ctx: Context, home: Agent, topic: str, question: str, sections: Sequence[str]) -> str:
    """The note as a page. A faulty first answer is sent back once, with its faults."""
    today, model, keys = ctx.world.clock.now().date(), ctx.fleet.research.model, _keys(ctx, home)
    prompt = research.prompt(topic, question, sections, today)
    note, faults = "", tuple[str, ...]()
    for _ in range(2):
        note = research.note_in(ctx.world.research.ask(prompt, model, keys))
        faults = research.faults(note, sections, today)
        if not faults:
            return research.as_page(note, model, today)
        prompt = research.repair(note, faults) if "credential" not in "".join(faults) else prompt
    raise OpsError(
        "invalid",
        f"what {model} wrote cannot be kept: {'; '.join(faults)[:600]}",
        "Run the same again, with a narrower topic or a question",
    )


def _keys(ctx: Context, home: Agent) -> Mapping[str, Secret]:
    """Gemini's variables from the agent's `.env`; the session may have been started without them."""
    try:
        env = envfile.parse(ctx.world.files.read_text(home.env_file))
    except OpsError:
        return {}
    found = ((name, env.get(name)) for name in env.names if name.startswith(OWN_VARIABLES))
    return {name: value for name, value in found if value}


def _text(written: Written) -> str:
    lines = [f"Wrote {written.path}, in {written.agent}: {', '.join(written.sections)} (by {written.model})"]
    lines += [f"The note before it: {written.backup}"] if written.backup else []
    return "\n".join([*lines, f"Next: {written.next}"])


RESEARCH_WRITE = Operation(
    name="research_write",
    title="Research a topic",
    summary="Has the Gemini CLI research a topic, and keeps the note in ai_docs. Takes minutes.",
    effect=Effect.WRITE,
    params=WriteParams,
    run=_write,
    text=_text,
    positional=("topic",),
    idempotent=False,
    open_world=True,
)
