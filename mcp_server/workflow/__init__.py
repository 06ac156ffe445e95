"""The way of a change: role branch, commit, pull request, merge, and bringing the other clones up to date.

Start with `branch_start.py`, then `commit.py` and `pr_create.py`. `look_own_clone.py` decides which clone a call may
write to; `findings.py` is what an audit reports about clones.
"""
