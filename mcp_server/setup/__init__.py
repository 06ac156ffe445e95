"""Makes the environment that everything else runs in.

Runs under the system's Python >= 3.11, isolated (`-I -S`), before any dependency exists: standard library only.
"""
