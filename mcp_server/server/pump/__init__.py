"""What a client starts as its MCP server: a pump between its standard streams and the host's shared server.

Each agent runs one for as long as it lives, so it starts under `-I -S` and uses the standard library only. Start
reading at `carry.py`.
"""
