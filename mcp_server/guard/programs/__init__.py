"""What each program on a command line would change. Start at `table.py`."""
