"""Makes the virtual environment in which everything else runs.

Runs under the system's Python >= 3.11, isolated (`-I -S`), before any dependency exists: standard library only. Start
reading at `build.py`; `first_start.py` serves a client meanwhile.
"""
