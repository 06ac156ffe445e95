"""A secret value that does not print, and its fingerprint."""

from typing import NoReturn, final


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
