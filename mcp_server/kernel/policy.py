"""The guard's policy as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PRIVATE: Final = (
    *(".env", ".env.*", ".claude.json", ".claude.json.*", ".credentials.json", "oauth_creds.json"),
    *("*.pem", "id_rsa", "id_ed25519", "id_ecdsa"),
)


@dataclass(frozen=True)
class Policy:
    """The `[guard]` table of fleet.toml; the defaults are the fleet's own rules. Patterns are those of fnmatch."""

    protected: tuple[str, ...] = ("main", "master")
    mergers: tuple[str, ...] = ("pm",)
    "The roles that merge pull requests, never their own."
    branches: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    "By role, the branches that it may use, if they differ from those of its name."
    private: tuple[str, ...] = PRIVATE
    "Names of files that are never committed."

    def allowed(self, role: str) -> tuple[str, ...]:
        """Patterns of a role's branches: `ops`, `ops-*`, `ops/*`; a human may use all that are not protected."""
        return self.branches.get(role, ("*",) if role == "human" else (role, f"{role}-*", f"{role}/*"))
