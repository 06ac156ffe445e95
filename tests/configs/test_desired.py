"""What a master asks for, from values."""

import pytest

from mcp_server.configs.desired import Desired, desired_of, digest, overlaid
from mcp_server.configs.dialects import DIALECTS
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Client
from mcp_server.kernel.pointer import ABSENT


def test_an_overlay_replaces_adds_and_removes_keys_and_single_servers() -> None:
    master: dict[str, Json] = {"a": 1, "b": {"x": 1}, "mcpServers": {"s": {"url": "u"}, "t": {"url": "v"}}}
    overlay: dict[str, Json] = {
        "a": None,
        "b": {"y": 2},
        "c": 3,
        "mcpServers": {"s": None, "t": {"url": "w"}, "n": {"url": "z"}},
    }
    merged = overlaid(master, overlay)
    assert merged == {"b": {"y": 2}, "c": 3, "mcpServers": {"t": {"url": "w"}, "n": {"url": "z"}}}
    assert overlaid(master, {"mcpServers": None}) == {"a": 1, "b": {"x": 1}}
    assert overlaid({}, {"mcpServers": {"s": {}}, "gone": None}) == {"mcpServers": {"s": {}}}
    assert master["a"] == 1


@pytest.mark.parametrize("client", ["claude", "gemini"])
def test_every_object_is_compared_member_by_member(client: Client) -> None:
    master: dict[str, Json] = {"a": {"b": {"c": 1, "e": {}}}, "d": 2, "mcpServers": {"s": {"url": "u"}}}
    assert set(desired_of(master, DIALECTS[client]).values) == {"/a/b/c", "/a/b/e", "/d", "/mcpServers/s/url"}
    assert not desired_of({"mcpServers": {}}, DIALECTS[client]).values


def test_a_master_nested_deeper_than_python_can_recurse_is_read() -> None:
    deep: Json = 1
    for _ in range(3_000):
        deep = {"a": deep}
    assert len(desired_of({"deep": deep}).values) == 1


def test_a_name_that_javascript_drops_is_left_out() -> None:
    found = desired_of({"__proto__": {"x": 1}, "y": 2})
    assert (list(found.values), len(found.left_out)) == (["/y"], 1)


def test_the_digest_follows_the_values_and_not_their_order_of_members() -> None:
    one = desired_of({"a": {"x": 1, "y": 2}})
    assert one.digest == desired_of({"a": {"y": 2, "x": 1}}).digest
    assert one.digest != desired_of({"a": {"x": 1, "y": 3}}).digest
    assert (digest(ABSENT), bool(digest(None))) == ("", True)
    assert Desired({}).digest == desired_of({}).digest


@pytest.mark.parametrize("servers", [[], "x", {"s": 1}])
def test_servers_of_another_shape_are_refused(servers: Json) -> None:
    with pytest.raises(OpsError, match="is not an object"):
        desired_of({"mcpServers": servers})
