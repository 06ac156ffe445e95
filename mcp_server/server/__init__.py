"""The MCP server: operations as tools, over stdio, the host's shared server or HTTP.

Start reading at `catalogue.py` (which operations there are) and `tool_server.py`. What a client runs is `pump/`; the
process that all clients of a host share is `shared_server.py`; `http/` serves other hosts.
"""
