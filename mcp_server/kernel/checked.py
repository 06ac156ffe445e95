"""Records whose fields are described once, and loose values checked against them.

The description serves the command line, the schema of a tool, and the check of what comes in: arguments of a call,
tables of `fleet.toml`. Written by hand because importing pydantic takes longer than most commands; the server builds
its pydantic models from the same description (`server/arguments.py`).
"""

import re
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import MISSING, FrozenInstanceError, dataclass, replace
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Literal,
    Self,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
)

REQUIRED: Final[Any] = MISSING
Fault = Literal["unknown", "missing", "wrong"]


@dataclass(frozen=True)
class Limits:
    """What a value must fit besides its type. Lengths are in characters, or in items of a list."""

    ge: int | None = None
    le: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    "Searched in a text: anchor it."


@dataclass(frozen=True)
class Described:
    """One field. `kind` is its annotation: `str`, `int`, `bool`, a Literal, a `Checked` record, a list or dict of
    these; perhaps `| None`, perhaps Annotated with `Limits`."""

    name: str
    kind: Any
    description: str
    default: Any
    limits: Limits

    @property
    def is_required(self) -> bool:
        return self.default is REQUIRED

    @property
    def fresh(self) -> Any:
        """The default, for one record alone."""
        return copy(self.default)

    @property
    def bare(self) -> Any:
        """`kind` without `| None`."""
        return _bare(self.kind)


class MisfitError(Exception):
    """A value does not fit its description. `path` names it by its keys; `problem` completes "PATH ..."."""

    def __init__(self, fault: Fault, path: tuple[str, ...], problem: str, value: object = None) -> None:
        super().__init__(problem)
        self.fault: Fault = fault
        self.path, self.problem, self.value = path, problem, value


def Field(  # noqa: N802, PLR0913  (a field specifier, named as in the libraries for records)
    *,
    description: str = "",
    default: Any = REQUIRED,
    ge: int | None = None,
    le: int | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    pattern: str | None = None,
) -> Any:
    """A field with its description and limits; required unless it has a default."""
    return Described("", None, description, default, Limits(ge, le, min_length, max_length, pattern))


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
class Checked:
    """A frozen record whose fields are described with `Field`.

    It does what a frozen dataclass does, but generates no code: dozens of these are loaded at each start.
    """

    _fields: ClassVar[Mapping[str, Described]] = {}

    def __init_subclass__(cls) -> None:
        kinds = cls.__annotations__.items()
        own = {name: _described(cls, name, kind) for name, kind in kinds if get_origin(kind) is not ClassVar}
        cls._fields = {**cls._fields, **own}

    def __init__(self, **values: Any) -> None:
        known = self._fields
        if wrong := values.keys() - known or [n for n, f in known.items() if f.is_required and n not in values]:
            raise TypeError(f"{type(self).__name__}: unknown or missing: {', '.join(wrong)}")
        self.__dict__.update({name: values.get(name, field.fresh) for name, field in known.items()})

    def __setattr__(self, name: str, _: object) -> None:
        raise FrozenInstanceError(name)

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(name)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"

    @classmethod
    def of(cls, values: Mapping[str, Any], path: tuple[str, ...] = ()) -> Self:
        """The record of these values; `MisfitError` names the first that is wrong. Nothing unknown is accepted."""
        known = described(cls)
        for name in values:
            if name not in known:
                raise MisfitError("unknown", (*path, name), "is not known")
        for name, field in known.items():
            if name not in values and field.is_required:
                raise MisfitError("missing", (*path, name), "is missing")
        checked = {
            name: value_of(known[name].kind, known[name].limits, value, (*path, name))
            for name, value in values.items()
        }
        return cls(**checked)

    def given(self) -> dict[str, Any]:
        """The values that are not the defaults."""
        known = described(type(self)).values()
        return {field.name: value for field in known if (value := getattr(self, field.name)) != field.default}


def described(record: type[Checked]) -> Mapping[str, Described]:
    """The fields of a record by name, in the order in which they are declared."""
    return record._fields  # pyright: ignore[reportPrivateUsage]


def _described(record: type[Checked], name: str, kind: object) -> Described:
    given = record.__dict__.get(name, REQUIRED)
    if isinstance(given, Described):
        return replace(given, name=name, kind=kind)
    return Described(name, kind, "", given, Limits())


def value_of(kind: Any, limits: Limits, value: Any, path: tuple[str, ...]) -> Any:
    """The value as a field of this kind holds it; `MisfitError` where it does not fit."""
    bare = _bare(kind)
    if get_origin(bare) is Annotated:
        bare, limits = get_args(bare)[:2]
    if value is None and get_origin(kind) in (UnionType, Union):
        return None
    origin = get_origin(bare)
    if origin is list:
        return list(_items(bare, limits, value, path))
    if origin is dict:
        return dict(_entries(bare, value, path))
    if isinstance(bare, type) and issubclass(bare, Checked):
        return bare.of(_table(value, path), path)
    if problem := _problem(bare, limits, value):
        raise MisfitError("wrong", path, problem, value)
    return value


def _bare(kind: Any) -> Any:
    if get_origin(kind) in (UnionType, Union):
        return next(choice for choice in get_args(kind) if choice is not NoneType)
    return kind


def _items(kind: Any, limits: Limits, value: object, path: tuple[str, ...]) -> Iterator[Any]:
    if not isinstance(value, list):
        raise MisfitError("wrong", path, "must be a list", value)
    items = cast("list[object]", value)
    if problem := _length(len(items), "items", limits):
        raise MisfitError("wrong", path, problem, items)
    for item in items:
        yield value_of(get_args(kind)[0], Limits(), item, path)


def _entries(kind: Any, value: object, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    of_key, of_item = get_args(kind)
    for key, item in _table(value, path).items():
        yield value_of(of_key, Limits(), key, (*path, key)), value_of(of_item, Limits(), item, (*path, key))


def _table(value: object, path: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise MisfitError("wrong", path, "must be a table", value)
    return cast("Mapping[str, Any]", value)


def _problem(kind: Any, limits: Limits, value: object) -> str | None:
    if get_origin(kind) is Literal:
        choices = get_args(kind)
        return None if isinstance(value, str) and value in choices else f"must be one of {', '.join(choices)}"
    if kind is bool:
        return None if isinstance(value, bool) else "must be true or false"
    return _problem_of_number(value, limits) if kind is int else _problem_of_text(value, limits)


def _problem_of_number(value: object, limits: Limits) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "must be a whole number"
    if limits.ge is not None and value < limits.ge:
        return f"must be at least {limits.ge}"
    return f"must be at most {limits.le}" if limits.le is not None and value > limits.le else None


def _problem_of_text(value: object, limits: Limits) -> str | None:
    if not isinstance(value, str):
        return "must be text"
    if limits == Limits():  # a path, say, whose bytes may be anything
        return None
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "must be text in UTF-8"
    if problem := _length(len(value), "characters", limits):
        return problem
    return f"must match {limits.pattern}" if limits.pattern and not re.search(limits.pattern, value) else None


def _length(length: int, unit: str, limits: Limits) -> str | None:
    if limits.min_length is not None and length < limits.min_length:
        return f"has {length} {unit}, at least {limits.min_length} are needed"
    if limits.max_length is not None and length > limits.max_length:
        return f"has {length} {unit}, at most {limits.max_length} are allowed"
    return None
