"""What a compose file says about its services: their mounts, and where their variables come from.

The files themselves are read by `look_compose.py`. Only what ops needs of a file is evaluated.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.mount import Mount
from mcp_server.kernel.secret import Secret

if TYPE_CHECKING:
    import yaml

COMPOSE_NAMES: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES: Final = tuple(
    f"{kind}.override.{end}" for kind in ("compose", "docker-compose") for end in ("yml", "yaml")
)
"Files that Compose reads as well, the first one that there is, where the compose file has one of its usual names."
CONTAINED_ROLES: Final = frozenset({"test", "human"})
"The roles whose agents are in Docker wherever nothing else is said."
_KEY = lazy_pattern(r"""^[ \t]*["']?([A-Za-z0-9][A-Za-z0-9._-]*)["']?[ \t]*:""", re.MULTILINE)
_WORD = lazy_pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VARIABLE = lazy_pattern(
    r"\$(?:(?P<escaped>\$)|(?P<named>[A-Za-z_][A-Za-z0-9_]*)|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)|)"
)
_TAG = "tag:yaml.org,2002:"
_OPERATOR = lazy_pattern(r":?[-+?]")

Lookup = Callable[[str], str | None]
"The value of a variable for interpolation; None if it is not set."


@dataclass(frozen=True)
class Service:
    """One service as its container gets it; `unread` is why a part of it could not be read.

    `open` are the variables that are empty because nothing sets here what they are made of: whoever starts the
    container may set it.
    """

    name: str
    mounts: tuple[Mount, ...]
    environment: Mapping[str, Secret]
    environment_files: tuple[Path, ...] = ()
    unread: OpsError | None = None
    open: frozenset[str] = frozenset()


class Open(str):
    """An empty value, made of variables that are not set here."""

    __slots__ = ()


@dataclass(frozen=True)
class EnvFile:
    """A file of variables that a service names."""

    path: Path
    required: bool
    raw: bool


@dataclass(frozen=True)
class Draft:
    """One service as a file describes it. A variable with None is passed on by name."""

    environment: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])
    env_files: tuple[EnvFile, ...] = ()
    mounts: Mapping[str, Mount] = field(default_factory=dict[str, Mount])
    "By target."
    replaced: frozenset[str] = frozenset()
    "The keys with `!reset` or `!override`, of which nothing is taken from an earlier file."

    def over(self, earlier: "Draft") -> "Draft":
        """This draft on top of an earlier one."""
        kept = {key: getattr(Draft(), key) if key in self.replaced else getattr(earlier, key) for key in _OWN}
        return replace(
            self,
            environment=kept["environment"] | self.environment,
            env_files=(*kept["env_files"], *self.env_files),
            mounts=kept["mounts"] | self.mounts,
        )


_OWN: Final = {"environment": "environment", "env_files": "env_file", "mounts": "volumes"}
"The parts of a draft, and the keys in the file."


@dataclass(frozen=True)
class _Tagged:
    """A value with `!override`, or with `!reset`, which takes the key away."""

    value: object


@lru_cache(maxsize=32)  # one audit reads it several times, and YAML is slow
def load(text: str) -> Mapping[str, object]:
    """The document in `text`, scalars as text; raises `invalid` if it is not YAML. Several documents are merged."""
    import yaml  # noqa: PLC0415  (only fleets with containers need it)

    try:
        documents = list(yaml.load_all(text, Loader=_loader()))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = cast("yaml.Mark | None", getattr(error, "problem_mark", None))
        where = f" at line {mark.line + 1}" if mark else ""
        raise OpsError("invalid", f"it is not YAML{where}", "Correct the compose file") from None
    return {key: value for document in documents for key, value in mapping(document).items()}


@lru_cache(maxsize=1)
def _loader() -> "type[yaml.SafeLoader]":
    """Like Compose: its own tags are kept, other tags are passed over, and `=`, numbers and dates are text."""
    import yaml  # noqa: PLC0415

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {  # noqa: RUF012
            **{first: [(f"{_TAG}null", re.compile(r"(?:~|null|Null|NULL|)$"))] for first in ("~", "n", "N", "")},
            "<": [(f"{_TAG}merge", re.compile("<<$"))],
        }

        def tagged(self, suffix: str, node: yaml.Node) -> object:
            value: object = None
            if isinstance(node, yaml.MappingNode):
                value = self.construct_mapping(node, deep=True)
            elif isinstance(node, yaml.SequenceNode):
                value = self.construct_sequence(node, deep=True)
            elif isinstance(node, yaml.ScalarNode):
                value = self.construct_scalar(node)
            return _Tagged(None) if suffix == "reset" else _Tagged(value) if suffix == "override" else value

    Loader.add_multi_constructor("!", Loader.tagged)  # pyright: ignore[reportUnknownMemberType]
    return Loader


def interpolate(text: str, lookup: Lookup) -> str:
    """`text` with its variables replaced, as Compose does it; raises `invalid` for a form that Compose refuses."""
    out, at = "", 0
    while found := _VARIABLE.search(text, at):
        out += text[at : found.start()]
        at = found.end()
        if found["escaped"]:
            out += "$"
        elif found["named"]:
            out += lookup(found["named"]) or ""
        elif found["braced"]:
            inner, at = _to_brace(text, at)
            out += _substituted(found["braced"], inner, lookup)
        else:
            raise _refused(text)
    names = (found["named"] or found["braced"] for found in _VARIABLE.finditer(text) if not found["escaped"])
    return out + text[at:] or (Open() if any(lookup(name) is None for name in names) else "")


def _to_brace(text: str, start: int) -> tuple[str, int]:
    """The text up to the closing brace, and where it ends."""
    depth = 1
    for at in range(start, len(text)):
        depth += (text[at] == "{" and text[at - 1] == "$") - (text[at] == "}")
        if not depth:
            return text[start:at], at + 1
    raise _refused(text)


def _substituted(name: str, inner: str, lookup: Lookup) -> str:
    value, operator = lookup(name), _OPERATOR.match(inner)
    if not inner:
        return value or ""
    if operator is None:
        raise _refused(inner)
    is_set = bool(value) if operator[0].startswith(":") else value is not None
    word = inner[operator.end() :]
    if operator[0][-1] == "+":
        return interpolate(word, lookup) if is_set else ""
    if not is_set and operator[0][-1] == "?":
        raise OpsError("invalid", f"the variable {name} is required and not set", f"Set {name} in the .env beside it")
    return value or "" if is_set else interpolate(word, lookup)


def _refused(_: str) -> OpsError:
    return OpsError("invalid", "a value has a $ that Compose cannot read", "Write $$ for a dollar sign")


def draft_of(body: Mapping[str, object], folder: Path, home: str, lookup: Lookup) -> Draft:
    """A service of a file whose relative paths start at `folder`."""
    replaced = frozenset(part for part, key in _OWN.items() if isinstance(body.get(key), _Tagged))
    plain = {key: value.value if isinstance(value, _Tagged) else value for key, value in body.items()}

    def text(value: object) -> str:
        return interpolate(value, lookup) if isinstance(value, str) else ""

    def path(value: object) -> Path:
        named = text(value)
        return folder / (home + named[1:] if named.startswith("~") else named)

    named = plain.get("env_file")
    entries = sequence(named) or ([named] if named else [])
    env_files = tuple(_env_file(mapping(entry) or {"path": entry}, path) for entry in entries)
    mounts = [mount for volume in sequence(plain.get("volumes")) if (mount := _mount(volume, text, path))]
    return Draft(_environment(plain.get("environment"), text), env_files, {m.target: m for m in mounts}, replaced)


def _env_file(form: Mapping[str, object], path: Callable[[object], Path]) -> EnvFile:
    return EnvFile(path(form.get("path")), form.get("required") != "false", form.get("format") == "raw")


def _mount(volume: object, text: Callable[[object], str], path: Callable[[object], Path]) -> Mount | None:
    """SOURCE:TARGET[:OPTIONS] or the long form; None for a named volume, which does not begin like a path."""
    if isinstance(volume, str):
        source, _, rest = text(volume).partition(":")
        target, _, options = rest.partition(":")
        read_only = "ro" in options.split(",")
    else:
        long = mapping(volume)
        source, target = text(long.get("source")), text(long.get("target"))
        read_only = text(long.get("read_only")).lower() == "true"
    is_path = source.startswith((".", "/", "~")) and bool(target)
    return Mount(str(path(source.replace("$", "$$"))), target, read_only) if is_path else None


def _environment(value: object, text: Callable[[object], str]) -> Mapping[str, str | None]:
    if isinstance(value, list):
        items = (text(item).partition("=") for item in cast("list[object]", value))
        return {name.strip(): given if equals else None for name, equals, given in items if name.strip()}
    return {name: None if given is None else text(given) for name, given in mapping(value).items()}


def services_in(model: Mapping[str, object]) -> tuple[Service, ...]:
    """The services of the document that `docker compose config --format json` prints."""
    return tuple(
        Service(
            name,
            tuple(
                Mount(str(volume["source"]), str(volume["target"]), bool(volume.get("read_only")))
                for volume in map(mapping, sequence(mapping(body).get("volumes")))
                if volume.get("type") == "bind" and {"source", "target"} <= volume.keys()
            ),
            {n: Secret(str(v)) for n, v in mapping(mapping(body).get("environment")).items() if v is not None},
        )
        for name, body in mapping(model.get("services")).items()
    )


def may_be_services(text: str, services: Collection[str], folders: Collection[str]) -> frozenset[str]:
    """Names without a service that may have been meant as one: every key of the file, and every word if it has no
    service; and the names of folders that are like a service for which there is no folder.
    """
    named = (_KEY if services else _WORD).findall(text)
    without = [service for service in services if service not in folders]
    from difflib import get_close_matches  # noqa: PLC0415  only where a service has no folder

    alike = (get_close_matches(service, folders, cutoff=0.75) for service in without)
    return frozenset(named).union(*alike) - set(services)


def mapping(value: object) -> Mapping[str, object]:
    """A mapping with text as keys; empty if it is not one."""
    value = value.value if isinstance(value, _Tagged) else value
    return {str(k): v for k, v in cast("Mapping[object, object]", value).items()} if isinstance(value, dict) else {}


def sequence(value: object) -> list[object]:
    """A list; empty if it is not one."""
    return cast("list[object]", value) if isinstance(value, list) else []
