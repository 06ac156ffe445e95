"""Addresses that requests may be sent to: https, or plain http to this host itself."""

from typing import Final
from urllib.parse import urlsplit

from mcp_server.kernel.errors import OpsError, shown

_LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}


def require_https(address: str) -> str:
    """The address, if requests may be sent to it; otherwise `invalid`, without the parts that may be secret."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        plain = parts.scheme == "http" and host in _LOOPBACK and parts.port is not None
    except ValueError:
        host, plain, parts = "", False, urlsplit("")
    if not host or not (parts.scheme == "https" or plain) or "@" in parts.netloc:
        raise OpsError("invalid", f"{shown(host or 'that')} is not an https:// address", "Give an https:// address")
    return address


def host_of(address: str) -> str:
    """The host in an address, in lower case; empty if there is none."""
    return (urlsplit(address).hostname or "").lower().rstrip(".")
