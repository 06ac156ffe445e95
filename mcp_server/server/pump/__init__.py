"""What a client starts: a pump between its standard streams and the host's one server.

Runs under `-I -S` before anything else is loaded, for each agent and as long as it lives: standard library only.
"""
