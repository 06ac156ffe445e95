"""Addresses that something of ours may be sent to: TLS, or this host itself; never Anthropic's with a grant."""

from typing import Final
from urllib.parse import urlsplit

from mcp_server.kernel.errors import OpsError, shown

_LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}
_ANTHROPIC: Final = ("anthropic.com", "claude.ai", "claude.com")


def checked(address: str) -> str:
    """The address, if it may be sent to; `invalid` says why not, without what may be secret in it."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        plain = parts.scheme == "http" and host in _LOOPBACK and parts.port is not None
    except ValueError:
        host, plain, parts = "", False, urlsplit("")
    if not host or not (parts.scheme == "https" or plain) or "@" in parts.netloc:
        raise OpsError("invalid", f"{shown(host or 'that')} is no https:// address", "Give an https:// address")
    return address


def token_endpoint(address: str) -> str:
    """`checked`, and none of Anthropic's: a Claude login is renewed by Claude Code alone."""
    host = host_of(checked(address))
    if any(host == name or host.endswith(f".{name}") for name in _ANTHROPIC):
        problem = f"{host} is Anthropic's: only Claude Code renews a Claude login"
        raise OpsError("invalid", problem, "ops token refresh")
    return address


def host_of(address: str) -> str:
    return (urlsplit(address).hostname or "").lower().rstrip(".")
