"""Git clones, by the git of this host. Start with `git.py`, whose class offers everything.

`process.py` is the only module that starts git.
"""
