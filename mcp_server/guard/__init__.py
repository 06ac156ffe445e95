"""The guard: judges by the fleet's policy what a command line or a write to a file would change, before it happens.

Start at `evaluate.py`. `shell/` splits a line into calls, `programs/` knows what each program would change, and
`policy.py` judges that. `hook.py` is what clients call; `install.py` puts the hooks into clones.
"""
