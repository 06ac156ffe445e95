"""The placeholder for a variable whose value stays with the client and is not sent to the host's shared server.

Imported at each start of a client: no imports here.
"""

PLACEHOLDER = "[set]"
"The client has this variable; its value was not sent."
