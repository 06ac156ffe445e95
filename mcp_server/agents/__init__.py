"""The agents: how each is started, what all of them do, and how one is added or removed.

`look_start.py` puts a start together, `run.py` performs it, `env.py` prints it for a shell. Open `look_start.py`
first. `write_windows.py` starts several, and `look_removable.py` says why the folder of an agent must stay.
"""
