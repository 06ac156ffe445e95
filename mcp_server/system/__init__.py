"""The world outside this process, one module per thing: files and locks, git, GitHub, containers, processes, HTTP.

The only package that does I/O by itself; it knows no client and no capability. Start with `files.py` or
`git/git.py`.
"""
