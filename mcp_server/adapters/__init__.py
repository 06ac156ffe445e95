"""The edges: one module per outside thing, each behind a Protocol of `mcp_server.ports`."""
