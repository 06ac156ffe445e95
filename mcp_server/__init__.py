"""Operations for a fleet of coding agents: one package behind the MCP server, the CLI and the hooks."""

__version__ = "0.1.0"
