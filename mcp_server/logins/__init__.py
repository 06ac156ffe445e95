"""The logins of the agents: where their stores are, what state they are in, what endangers them, and their renewal.

Tokens never leave the stores: answers hold states, times and fingerprints. Open `store.py` first, then
`look_stores.py`; `refresh.py` and `consolidate.py` are the operations that change something.
"""
