"""The MCP server over streamable HTTP, for agents on other hosts and other clients.

The protocol, its sessions and the checks of Host, Origin and size are the SDK's; HTTP and TLS are uvicorn's.
"""
