"""Incidents, decision records, releases and research notes: markdown files in the agents' clones.

Start with `incident.py` and `timeline.py`, then `incident_open.py` and `incident_update.py`. Decision records begin
in `decision.py`, releases in `release.py`, notes in `research.py`.
"""
