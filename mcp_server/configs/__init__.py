"""Keeps the config of each agent in sync with the fleet's master: plan, sync, rollback, capture.

Start with `three_way.py`, the comparison per JSON pointer. `look_configs.py` applies it to files, and
`write_agent.py` writes the result.
"""
