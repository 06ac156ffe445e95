"""Redaction: in a config value that is shown, everything that is or may be a secret becomes a fingerprint.

It errs on the side of caution: the values of `env` and `headers` are never shown, whatever their names. Equal secrets
have equal fingerprints.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from mcp_server.kernel.document import Json
from mcp_server.kernel.json_layout import canonical
from mcp_server.kernel.pointer import keys_of
from mcp_server.kernel.secret import Secret
from mcp_server.kernel.secrets.detector import scrub
from mcp_server.kernel.secrets.named import NAME

_CLOSED: Final = frozenset({"env", "headers"})
_NAME: Final = re.compile(NAME, re.IGNORECASE)
_ASSIGNED: Final = re.compile(rf"{NAME}[\w.-]*[\"']?\s*[=:]|--[\w-]*{NAME}[\w-]*\s", re.IGNORECASE)
_DENSE: Final = re.compile(r"(?=[\w+=~-]*[0-9])(?=[\w+=~-]*[A-Za-z])[\w+=~-]{20,}")
_NAMED: Final = re.compile(r"(?P<lead>(?P<name>[\w.-]+)\s*[=:]\s*)(?P<value>.+)", re.DOTALL)
_REFERENCE: Final = re.compile(r"(?:Bearer |Basic |token )?\$\{\w+\}")
_LIMIT: Final = 200


def redacted(at: str, value: Json) -> Json:
    """The value at a pointer without its secrets, cut to 200 characters."""
    *above, key = keys_of(at)
    try:
        shown = _fingerprints(value) if _CLOSED.intersection(above) else _redacted(key, value)
    except RecursionError:
        shown = _fingerprint(value)
    text = canonical(shown)
    return shown if len(text) <= _LIMIT else f"{text[: _LIMIT - 20]}… ({len(text)} characters)"


def _redacted(key: str, value: Json) -> Json:
    match value:
        case dict() if key in _CLOSED:
            return _fingerprints(value)
        case dict():
            return {name: _redacted(name, member) for name, member in value.items()}
        case list():
            names = ["", *(member if isinstance(member, str) else "" for member in value)]
            return [_redacted(_flag(key, before), member) for before, member in zip(names, value, strict=False)]
        case str():
            return _string(key, value)
        case int() | float() if not isinstance(value, bool) and _is_secret_name(key):
            return _fingerprint(value)
        case _:
            return value


def _fingerprints(value: Json) -> Json:
    """In place of each value a fingerprint, but the names."""
    return (
        {name: _fingerprints(member) for name, member in value.items()}
        if isinstance(value, dict)
        else _fingerprint(value)
    )


def _string(key: str, value: str) -> Json:
    if _is_secret_name(key):
        return _fingerprint(value)
    if "://" in value:
        return _url(value)
    named = _NAMED.fullmatch(value)
    if named and _is_secret_name(named["name"]):
        return f"{named['lead']}{_fingerprint(named['value'])}"
    suspicious = scrub(value) != value or _DENSE.search(value) or _ASSIGNED.search(value)
    return _fingerprint(value) if suspicious else value


def _url(value: str) -> Json:
    """Scheme and host, and the path if it is plain words; everything else becomes one fingerprint."""
    try:
        parts = urlsplit(value)
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return _fingerprint(value)
    if not host or not parts.scheme.isalpha() or _DENSE.search(host):
        return _fingerprint(value)
    plain = not (parts.username or parts.password or parts.query or parts.fragment or _DENSE.search(parts.path))
    return f"{parts.scheme}://{host}{parts.path if plain else f'/{_fingerprint(value)}'}"


def _flag(key: str, before: str) -> str:
    """The name of a list's member: the flag before it (`--token`, value), else the key of the list."""
    return before if before.startswith("-") and "=" not in before and _is_secret_name(before) else key


def _is_secret_name(name: str) -> bool:
    return _NAME.search(name) is not None


def _fingerprint(value: Json) -> Json:
    if value in ("", None) or (isinstance(value, str) and _REFERENCE.fullmatch(value)):
        return value  # an empty value or a reference to a variable is not a secret
    return f"[secret {Secret(value if isinstance(value, str) else canonical(value)).fingerprint()}]"
