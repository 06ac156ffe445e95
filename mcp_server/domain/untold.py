"""What a process of the host's shared server is told in place of a value that stays with the client."""

from typing import Final

SET: Final = "[set]"
"The variable is set there; its value did not travel."
