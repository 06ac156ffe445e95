"""Who looks things up in the world outside."""

from collections.abc import Mapping
from typing import Protocol

from mcp_server.kernel.secret import Secret


class Researcher(Protocol):
    def ask(self, prompt: str, model: str, variables: Mapping[str, Secret]) -> str:
        """What `model` answers; it can search the web and touch no file. `variables` say how it is reached.

        `unavailable` where there is no such client, it is not logged in, fails, or takes longer than its patience.
        """
        ...
