"""`python -I -S mcp_server/pump`, started by `bin/ops-mcp` once there is an environment."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mcp_server.pump.carry import carry

sys.exit(carry(Path(sys.path[0]), Path(sys.executable)))
