"""Facts about the Gemini CLI, as seen on 0.61.0."""

from typing import Final

OWN_VARIABLES: Final = ("GEMINI_", "GOOGLE_")
"Beginnings of the names of the variables that say how its model is reached and with which login."
