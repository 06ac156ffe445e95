"""What is happening: the running sessions of the agents, and the journal of what ops itself did.

Open `look_sessions.py` for the sessions, `write_journal.py` and `look_journal.py` for the log files.
"""
