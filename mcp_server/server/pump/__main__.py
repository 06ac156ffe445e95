"""`python -I -S mcp_server/server/pump/__main__.py`, started by `bin/ops-mcp` once the environment exists."""

import os
import sys

sys.path.insert(0, os.path.realpath(__file__).rsplit("/", 4)[0])

from mcp_server.server.pump.carry import carry

sys.exit(carry(sys.path[0], sys.executable))
