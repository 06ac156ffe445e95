"""Notices to people about incidents and logins, by webhook, Slack or PagerDuty, with a spool for failed deliveries.

Start with `notice.py`, the message; `write_notices.py` spools and delivers it.
"""
