"""Which agents exist and how they run: discovery, `fleet.toml`, `.env`, the compose file and containers, roles.

Start with `look_fleet.py`, which finds the root folder and the agents.
"""
