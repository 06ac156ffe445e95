"""The shared server under the real Claude Code: it may die between two calls or during one, the session goes on."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from mcp_server.server.pump.process import pid_of
from tests.e2e.claude import PLUGIN, SERVER, ask
from tests.e2e.model import Call, ScriptedModel
from tests.server.pump.agents import agent
from tests.server.pump.servers import await_end, reached, sockets

pytestmark = pytest.mark.e2e


class Killing(ScriptedModel):
    """Ends the server by force, where one runs, when the client first comes with a tool's answer.

    Never during a call: a client's side requests may fall into one.
    """

    state: Path
    ended: set[int]
    rounds: set[int]

    def message(self, body: dict[str, Any]) -> dict[str, Any]:
        answered = sum(message["role"] == "assistant" for message in body["messages"])
        if answered and answered not in self.rounds:
            self.rounds.add(answered)
            for path in sockets(self.state):
                if link := reached(path):
                    self.ended.add(pid := pid_of(link))
                    link.close()
                    os.kill(pid, signal.SIGKILL)
                    await_end(pid)
        return super().message(body)


@pytest.mark.parametrize("era", ["auto", "legacy"])
def test_a_session_survives_the_end_of_its_server(era: str, home: Path) -> None:
    # Claude Code calls a tool unknown that is not there within 10 s: the server runs already.
    with agent(home) as first:
        first.ask("tools/list")
    check = Call(f"{SERVER}__index_check", {"problem": "login expired, please run /login"})
    with Killing([check, check, check, "done"]) as model:
        model.state, model.ended, model.rounds = home / "state", set(), set()
        extra = {"OPS_HOME": str(model.state), "MCP_PROTOCOL_NEGOTIATION": era}
        session = ask(
            model,
            "look it up",
            home=home,
            cwd=home,
            extra=extra,
            options=("--plugin-dir", str(PLUGIN), "--allowedTools", SERVER),
        )
    assert session.code == 0, session.errors
    assert len(model.ended) >= 2, "it ended between calls"
    assert [error for error, _ in model.results] == [False] * 3
    assert all('"match":true' in text for _, text in model.results)
