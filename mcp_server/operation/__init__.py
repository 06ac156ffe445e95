"""What an operation is, and what it gets: `Operation` describes one capability for the tool and the command line.

Start with `operation.py`; `context.py` is one call, `world.py` everything outside the process that it may use.
"""
