"""The command line: `ops [--json] [--fleet DIR] [--agent NAME] <noun> <verb> ...`. It never imports `mcp`.

Start reading at `main.py`; the grammar is made from the operations in `grammar.py`.
"""
