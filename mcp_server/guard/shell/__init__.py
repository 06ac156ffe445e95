"""Follows a command line as a shell would run it, without running it. Start at `walk.py`."""
