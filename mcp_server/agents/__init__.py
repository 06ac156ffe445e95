"""How an agent is started: with which command, folder and variables.

`look_start.py` puts a start together, `run.py` performs it, `env.py` prints it for a shell. Open `look_start.py`
first.
"""
