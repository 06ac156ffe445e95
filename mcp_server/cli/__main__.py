"""Entry point of `bin/ops`. Without garbage collection while modules load, a command is a fifth faster."""

import gc
import sys

gc.disable()

from mcp_server.cli.garbage import collect_rarely  # noqa: E402
from mcp_server.cli.main import main  # noqa: E402

if __name__ == "__main__":
    collect_rarely()
    sys.exit(main(sys.argv[1:]))
