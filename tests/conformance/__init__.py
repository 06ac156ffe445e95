"""What the official conformance suite expects of a server besides the protocol: fixtures with fixed names.

https://github.com/modelcontextprotocol/conformance describes each; see `serve.py` for how they are mounted.
"""
