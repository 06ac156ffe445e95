"""Runbooks and the other pages of the docs: search, read, lint, add, and keep their INDEX.md in sync.

Start with `look_pages`, which says which folders hold pages, and `runbook`, which parses one in the form of
docs/runbook-form.md. `look_index_findings` and `look_page_findings` find what has gone stale.
"""
