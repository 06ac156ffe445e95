"""What a process of the host's shared server is told in place of a value that stays with the client. Loaded at each
start of a client: no import.
"""

PLACEHOLDER = "[set]"
"The variable is set there; its value did not travel."
