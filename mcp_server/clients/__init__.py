"""The three clients: what is known of each (`claude.py`, `codex.py`, `gemini.py`), and the two that are started.

`run_claude.py` lets Claude Code renew a login, `run_gemini.py` asks the Gemini CLI a question. Open
`claude.py` first.
"""
