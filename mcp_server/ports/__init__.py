"""What the operations need of the world, as Protocols; and what an operation is.

Adapters implement the Protocols, `wiring` puts them together. An operation sees nothing else: a test
hands it a world that refuses writes, and every READ operation must pass there.
"""

# pyright: reportUnusedImport=false
from mcp_server.ports.files import Files, PathKind
from mcp_server.ports.hub import Checks, Hub, PullRequest
from mcp_server.ports.logins import ClaudeClient, Flight, Grants, Http, Reply
from mcp_server.ports.operation import Clock, Context, Effect, Operation, Params, Watch, World
from mcp_server.ports.pages import LARGEST_PAGE, PageFolder, PageIndexes, Searched
from mcp_server.ports.processes import Consulted, Container, Containers, Disk, Process, Processes
from mcp_server.ports.repository import Change, CloneChanges, CloneState, Git, HookPlaces, Part, Proof
from mcp_server.ports.research import Researcher
