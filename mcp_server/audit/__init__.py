"""The audit of a fleet: collects the findings of every package and reports them per agent.

Start reading at `look_fleet.py`; a package contributes through its own `findings.py`.
"""
