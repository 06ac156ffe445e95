"""Reads a compose file with all that it names: overrides, `include`, `extends`, `.env` and `env_file`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mcp_server.clients.claude import OWN_ADDRESSES
from mcp_server.clients.claude_variables import is_inherited
from mcp_server.fleet.compose import (
    COMPOSE_NAMES,
    OVERRIDES,
    Draft,
    Lookup,
    Open,
    Service,
    draft_of,
    interpolate,
    load,
    mapping,
    sequence,
)
from mcp_server.fleet.env_file import parse as parse_env
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.placeholder import PLACEHOLDER
from mcp_server.kernel.secret import Secret
from mcp_server.system.files import Files

_DEEPEST = 20
"Files that include or extend one another."


def compose_files(files: Files, compose: Path) -> tuple[Path, ...]:
    """The compose file, and the override file that Compose reads as well."""
    beside = [compose.parent / name for name in OVERRIDES if compose.name in COMPOSE_NAMES]
    override = next((path for path in beside if files.kind(path) != "absent"), None)
    return (compose, override) if override else (compose,)


def harmless(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables for interpolation: of one that takes the place of a login, only that it is set."""
    return {
        name: value if is_inherited(name) or not value or value.rstrip("/") in OWN_ADDRESSES else PLACEHOLDER
        for name, value in environment.items()
    }


@dataclass
class ComposeReader:
    """Reads compose files. `texts` are the files that were read so far, by path; None: there is none."""

    files: Files
    home: str
    environment: Mapping[str, str]
    texts: dict[Path, str | None] = field(default_factory=dict[Path, "str | None"])
    is_complete: bool = True
    "Whether every file is there that a service must have: without one Compose starts nothing."

    def services(self, compose: Path) -> tuple[Service, ...]:
        """The services; raises `OpsError` if a file that describes them cannot be read or is wrong."""
        paths = compose_files(self.files, compose)
        drafts, lookups = self._drafts(paths, compose.parent, (), self.environment, 0)
        return tuple(self._service(name, draft, lookups[name]) for name, draft in drafts.items())

    def _drafts(
        self, paths: Iterable[Path], folder: Path, env_files: Iterable[Path], outer: Mapping[str, str], depth: int
    ) -> tuple[dict[str, Draft], dict[str, Lookup]]:
        """The services of files that override one another, with the variables that each is interpolated with."""
        named = list(env_files) or [folder / ".env"]
        inner = [pair for path in named for pair in self._assigned(path, outer.get, required=False).items()]
        known = {**{name: value for name, value in inner if value is not None}, **outer}
        lookup = known.get
        drafts, lookups = dict[str, Draft](), dict[str, Lookup]()
        for path in paths:
            document = self._document(path, depth)
            for entry in sequence(document.get("include")):
                for name, draft in self._included(entry, folder, known, depth).items():
                    drafts[name], lookups[name] = draft[0], draft[1]
            for name in mapping(document.get("services")):
                own = self._extended(name, path, folder, lookup, depth)
                drafts[name], lookups[name] = own.over(drafts[name]) if name in drafts else own, lookup
        return drafts, lookups

    def _included(
        self, entry: object, folder: Path, known: Mapping[str, str], depth: int
    ) -> Mapping[str, tuple[Draft, Lookup]]:
        long, lookup = mapping(entry) or {"path": entry}, known.get
        paths = [folder / _plain(path, lookup) for path in _listed(long.get("path"))]
        if not paths:
            raise OpsError("invalid", "an include names no file", "Give it the path of a compose file")
        project = long.get("project_directory")
        inner = folder / _plain(project, lookup) if project else paths[0].parent
        env_files = [folder / _plain(path, lookup) for path in _listed(long.get("env_file"))]
        drafts, lookups = self._drafts(paths, inner, env_files, known, depth + 1)
        return {name: (draft, lookups[name]) for name, draft in drafts.items()}

    def _extended(self, name: str, path: Path, folder: Path, lookup: Lookup, depth: int) -> Draft:
        """A service of a file on top of the one that it extends, whose relative paths start at its own file."""
        services = mapping(self._document(path, depth).get("services"))
        if name not in services:
            raise OpsError("invalid", f"{path} has no service {name}, which is extended", f"Correct it: {path}")
        own = draft_of(mapping(services[name]), folder, self.home, lookup)
        extends = mapping(services[name]).get("extends")
        if not extends:
            return own
        long = mapping(extends) or {"service": extends}
        file, base = long.get("file"), _plain(long.get("service"), lookup)
        there = path.parent / _plain(file, lookup) if file else path
        return own.over(self._extended(base, there, there.parent if file else folder, lookup, depth + 1))

    def _document(self, path: Path, depth: int) -> Mapping[str, object]:
        if depth > _DEEPEST:
            raise OpsError("invalid", f"{path}: files or services lead back to themselves", f"Correct it: {path}")
        text = self._text(path)
        if text is None:
            raise OpsError("not_found", f"there is no {path}, which a compose file names", f"Make it: {path}")
        try:
            return load(text)
        except OpsError as error:
            raise OpsError(error.kind, f"{path}: {error.message}", f"Correct it: {path}") from None

    def _text(self, path: Path) -> str | None:
        real = self.files.real(path)
        if real not in self.texts:
            self.texts[real] = None if self.files.kind(real) == "absent" else self.files.read_text(real)
        return self.texts[real]

    def _assigned(self, path: Path, lookup: Lookup, *, required: bool, raw: bool = False) -> dict[str, str | None]:
        """The variables of a file; None: passed on by name."""
        text = self._text(path)
        if text is None:
            self.is_complete &= not required
            return {}
        read = parse_env(text)
        found: dict[str, str | None] = dict.fromkeys(read.bare)
        for variable in read.variables:
            value = variable.value.reveal()
            found[variable.name] = value if raw else _leniently(value, lambda name: found.get(name) or lookup(name))
        return found

    def _service(self, name: str, draft: Draft, lookup: Lookup) -> Service:
        found: dict[str, str | None] = {}
        unread = None
        for file in draft.env_files:
            try:
                found |= self._assigned(file.path, lookup, required=file.required, raw=file.raw)
            except OpsError as error:
                unread = error
        found |= {name: lookup(name) if value is None else value for name, value in draft.environment.items()}
        values = {name: lookup(name) if value is None else value for name, value in found.items()}
        known = {name: Secret(value) for name, value in values.items() if value is not None}
        unset = frozenset(name for name, value in values.items() if value is None or isinstance(value, Open))
        paths = tuple(file.path for file in draft.env_files)
        return Service(name, tuple(draft.mounts.values()), known, paths, unread, unset)


def _plain(value: object, lookup: Lookup) -> str:
    """A path or a name; something that only Compose could fetch from elsewhere is refused."""
    text = interpolate(value, lookup) if isinstance(value, str) else ""
    if "://" in text or text.startswith(("git@", "oci:")) or not text:
        raise OpsError("invalid", "a compose file takes a part from elsewhere, which was not fetched", "Copy it here")
    return text


def _listed(value: object) -> list[object]:
    return sequence(value) or ([value] if isinstance(value, str) else [])


def _leniently(value: str, lookup: Lookup) -> str:
    try:
        return interpolate(value, lookup)
    except OpsError:
        return value
