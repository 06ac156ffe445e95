"""The command line: `ops [--json] [--fleet DIR] [--agent NAME] <noun> <verb> ...`. It never imports `mcp`."""
