"""`config_rollback` and `config_capture`."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcp_server.configs.capture import CONFIG_CAPTURE
from mcp_server.configs.plan import CONFIG_PLAN
from mcp_server.configs.rollback import CONFIG_ROLLBACK
from mcp_server.kernel.document import Json, as_json
from mcp_server.kernel.errors import OpsError
from tests.fixtures.configs import MASTER, OWN, SERVER, ConfigFleet, configs, write
from tests.fixtures.lengths import EXAMPLES_ON_DISK

__all__ = ["configs"]  # the fixture
CANARY = "canary-" + "Zq9" * 3


def test_a_rollback_restores_the_bytes_and_the_plan_from_before_the_sync(configs: ConfigFleet) -> None:
    configs.sync()
    write(configs.master, {**MASTER, "theme": "dark-ansi"})
    before, plan = configs.files(), configs.plan().plan
    run = configs.sync().run
    done = configs.roll_back(run)
    assert {file.state for file in done.files} == {"applied"}
    assert configs.files() == before
    assert configs.plan().plan == plan


def test_without_a_name_the_last_run_is_rolled_back_and_then_the_rollback_itself(configs: ConfigFleet) -> None:
    before = configs.files()
    configs.sync("opus-1", "pm-1")
    after = configs.files()
    assert configs.roll_back().of < configs.roll_back().of
    assert configs.files() == after
    configs.roll_back()
    assert configs.files() == before


def test_a_rollback_does_not_lose_what_a_session_wrote_since(configs: ConfigFleet) -> None:
    before = configs.path("opus-1").read_bytes()
    run = configs.sync().run
    configs.edit("opus-1", {"numStartups": 8})
    done = configs.roll_back(run)
    assert [file.state for file in done.files] == ["refused", "applied", "applied"]
    assert not CONFIG_ROLLBACK.ok(done)
    assert f"{run} --force" in CONFIG_ROLLBACK.text(done)
    assert configs.read("opus-1")["numStartups"] == 8
    forced = configs.roll_back(run, force=True)
    assert configs.path("opus-1").read_bytes() == before
    backup = forced.files[0].backup
    assert backup
    assert json.loads(backup.read_bytes())["numStartups"] == 8


def test_a_second_rollback_of_one_run_changes_nothing(configs: ConfigFleet) -> None:
    run = configs.sync().run
    configs.roll_back(run)
    before = configs.files()
    assert {file.state for file in configs.roll_back(run).files} == {"unchanged"}
    assert configs.files() == before


def test_an_unknown_run_is_not_found(configs: ConfigFleet) -> None:
    for run in (None, "20260101T000000Z-abcdef", "../../etc"):
        with pytest.raises(OpsError) as refused:
            configs.roll_back(run)
        assert refused.value.kind == "not_found"


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
_documents = st.dictionaries(st.sampled_from(["a", "b", "theme", "projects", "x/y"]), _values)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=EXAMPLES_ON_DISK)
@given(first=_documents, second=_documents, agent=_documents)
def test_a_rollback_of_any_sync_restores_the_bytes(
    configs: ConfigFleet, first: dict[str, Json], second: dict[str, Json], agent: dict[str, Json]
) -> None:
    write(configs.path("opus-1"), agent)
    write(configs.master, first)
    configs.sync("opus-1", take="master")
    write(configs.master, second)
    before = configs.path("opus-1").read_bytes()
    done = configs.sync("opus-1", take="master")
    if done.agents[0].backup:
        assert configs.path("opus-1").read_bytes() != before
        configs.roll_back(done.run)
    assert configs.path("opus-1").read_bytes() == before


def test_a_captured_value_gets_into_the_master_and_from_there_to_the_other_agents(configs: ConfigFleet) -> None:
    configs.sync()
    configs.edit("opus-1", {"theme": "dark-ansi"})
    done = configs.capture("opus-1", "/theme", "the light one hurts at night")
    assert (done.before, done.after) == ("light", "dark-ansi")
    assert json.loads(configs.master.read_bytes()) == {**MASTER, "theme": "dark-ansi"}
    assert configs.states() == {"opus-1": "in_sync", "opus-2": "stale", "pm-1": "stale"}
    assert "# opus-1: the light one hurts at night" in CONFIG_PLAN.text(configs.plan())
    write(configs.master, {**MASTER, "theme": "light-ansi"})
    assert "hurts" not in CONFIG_PLAN.text(configs.plan())
    write(configs.master, {**MASTER, "theme": "dark-ansi"})
    configs.sync()
    assert configs.read("pm-1")["theme"] == "dark-ansi"


def test_a_capture_can_be_rolled_back(configs: ConfigFleet) -> None:
    before = configs.master.read_bytes()
    configs.edit("opus-1", {"mcpServers": {"mine": SERVER}})
    done = configs.capture("opus-1", "/mcpServers/mine")
    assert json.loads(configs.master.read_bytes())["mcpServers"].keys() == {"postgres", "mine"}
    configs.roll_back(done.run)
    assert configs.master.read_bytes() == before


@pytest.mark.parametrize(
    ("pointer", "kind"),
    [
        ("/numStartups", "denied"),
        ("/oauthAccount", "denied"),
        ("/nothing", "not_found"),
        ("theme", "invalid"),
        ("", "invalid"),
        ("/mcpServers", "invalid"),
        ("/projects/~1work", "denied"),
        ("/keyed", "denied"),
    ],
)
def test_a_value_that_is_not_shared_is_not_captured(configs: ConfigFleet, pointer: str, kind: str) -> None:
    configs.edit("opus-1", {**MASTER, "keyed": {"env": {"ANTHROPIC_API_KEY": "x"}}})
    before = configs.files()
    with pytest.raises(OpsError) as refused:
        configs.capture("opus-1", pointer)
    assert refused.value.kind == kind
    assert refused.value.next != f"Name {pointer}"
    assert configs.files() == before


def test_a_captured_secret_is_not_shown(configs: ConfigFleet) -> None:
    configs.edit("opus-1", {"mcpServers": {"s": {"command": "s", "env": {"TOKEN": CANARY}}}})
    done = configs.capture("opus-1", "/mcpServers/s", "for all")
    answer: Any = as_json(done)
    assert CANARY not in json.dumps(answer) + CONFIG_CAPTURE.text(done)
    assert "put ${NAME} in its place" in done.next
    stored = [path.read_text() for path in (configs.context().world.state / "configs").rglob("*") if path.is_file()]
    assert stored
    assert not any(CANARY in text for text in stored)
    assert OWN.items() <= configs.read("opus-1").items()
