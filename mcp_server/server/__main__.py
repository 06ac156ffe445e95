"""`python -m mcp_server.server`: the MCP server of one client, over its standard streams."""

from mcp_server.server.tool_server import main

if __name__ == "__main__":
    main()
