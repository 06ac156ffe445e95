"""The guard's policy as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PRIVATE: Final = (".env", ".env.*", ".claude.json", ".credentials.json", "*.pem", "id_rsa", "id_ed25519", "id_ecdsa")


@dataclass(frozen=True)
class Policy:
    """What `[guard]` in fleet.toml says; the defaults are the fleet's own rules. Patterns are those of fnmatch."""

    protected: tuple[str, ...] = ("main", "master")
    mergers: tuple[str, ...] = ("pm",)
    "The roles that merge pull requests, never their own."
    branches: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    "role -> the branches it may use, where they are not those of its name."
    private: tuple[str, ...] = PRIVATE
    "Names of files that are never committed."

    def allowed(self, role: str) -> tuple[str, ...]:
        """The branches of a role: `ops`, `ops-*`, `ops/*`; a human's are all that are not protected."""
        return self.branches.get(role, ("*",) if role == "human" else (role, f"{role}-*", f"{role}/*"))
