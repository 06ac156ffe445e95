"""One module per capability. Each sees the world through `mcp_server.ports` alone."""
