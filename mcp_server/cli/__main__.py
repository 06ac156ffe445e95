"""Entry point of `bin/ops`. Nothing that is loaded here is garbage: looking for none saves a fifth of a command."""

import gc
import sys

gc.disable()

from mcp_server.cli.garbage import seldom  # noqa: E402
from mcp_server.cli.main import main  # noqa: E402

if __name__ == "__main__":
    seldom()
    sys.exit(main(sys.argv[1:]))
