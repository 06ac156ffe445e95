"""The vocabulary that all packages share: errors, secrets, findings, agents and the fleet, JSON, text for people.

Pure: no module does I/O, and none imports another package. Start with `errors.py` and `inventory.py`.
"""
