"""`ops demo`: builds an example fleet with faults, works on it through a real MCP server, and checks the disk.

Start reading at `run.py`; the faults are in `faults.py`, the verdict is in `verify.py`.
"""
