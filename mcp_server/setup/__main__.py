"""`python -I -S mcp_server/setup LOCK|serve`, started by `launch.sh`.

LOCK: makes the environment if it is missing and prints the path of its Python; progress goes to stderr.
serve: speaks MCP over stdio at once, while the environment is being made.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mcp_server.kernel.errors import OpsError
from mcp_server.setup.build import ensure
from mcp_server.setup.environment import say
from mcp_server.setup.first_start import serve


def main(root: Path, argument: str) -> int:
    """Run the set-up or the first start; the exit code."""
    try:
        if argument == "serve":
            return serve(root)
        sys.stdout.write(f"{ensure(root, argument).python}\n")
    except OpsError as error:
        say(error.message)
        say(f"next: {error.next}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


sys.exit(main(Path(sys.path[0]), sys.argv[1]))
