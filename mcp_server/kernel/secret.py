"""Secrets: a value that does not print, its fingerprint, and the redaction of text that may contain one."""

import re
from typing import Final, NoReturn, final


@final
class Secret:
    """A token or key. Printing, formatting, pickling or comparing to text never shows it.

    `reveal()` is the only way out: search for it to find every place where a secret leaves its wrapper.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def fingerprint(self) -> str:
        """The first 12 hex digits of the SHA-256: distinguishes two secrets without revealing either."""
        import hashlib  # noqa: PLC0415  loads OpenSSL, and most calls compare no secrets

        return hashlib.sha256(self._value.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(…)" if self._value else "Secret('')"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not serialised")


# Secret scanners miss Anthropic's OAuth tokens (sk-ant-oat01-, sk-ant-ort01-), so these patterns are our own.
_PATTERNS: Final = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"sk-ant-[a-z]{3}\d{2}-[\w-]{8,}",  # Anthropic: OAuth access and refresh tokens, API keys
        r"sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}",  # OpenAI
        r"AIza[\w-]{30,}",  # Google API key
        r"ya29\.[\w-]{20,}",  # Google OAuth access token
        r"1//[\w-]{30,}",  # Google OAuth refresh token
        r"gh[pousr]_[A-Za-z0-9]{20,}",  # GitHub
        r"github_pat_\w{20,}",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",  # AWS access key id
        r"(?i:aws_secret_access_key)[\"']?\s*[=:]\s*[\"']?[A-Za-z0-9/+=]{30,}",
        r"xox[abprs]-[\w-]{10,}",  # Slack
        r"\bops_[\w-]{40,}",  # a bearer token of the ops server
        r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{5,}",  # JSON web token
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        r"(?i:(?<=bearer )|(?<=basic ))[\w.~+/=-]{12,}",  # Authorization headers
        r"(?<=://)[^\s/@:]{1,256}:[^\s/@]{1,256}(?=@)",  # URLs with credentials
    )
)


def scrub(text: str) -> str:
    """`text` with everything that looks like a credential replaced by `[redacted]`."""
    for pattern in _PATTERNS:
        text = pattern.sub("[redacted]", text)
    return text
