"""Looking, without an opinion: reads through the ports and returns domain values.

Operations share these looks (the audit and `token_check` see the same stores); nothing here writes.
"""
