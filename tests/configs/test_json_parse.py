"""A config of Claude Code may hold whatever `JSON.parse` takes: a sync leaves it as it was."""

from typing import cast

import pytest

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_layout import canonical
from mcp_server.kernel.json_text import parse_object
from tests.fixtures.configs import MASTER, ConfigFleet, configs
from tests.fixtures.json_parse import REFUSED, TAKEN

__all__ = ["configs"]  # the fixture


def _parsed(data: bytes) -> dict[str, object]:
    return dict(parse_object(data.decode(errors="surrogateescape"), "it"))


def test_what_json_parse_takes_survives_a_sync_byte_for_byte(configs: ConfigFleet) -> None:
    path = configs.path("opus-1")
    names = [f'"{number}": '.encode() for number in range(len(TAKEN))]
    lines = [name + value for name, value in zip(names, TAKEN, strict=True)]
    path.write_bytes(b'{\n  "theme": "dark",\n  ' + b",\n  ".join(lines) + b"\n}\n")
    assert configs.planned("opus-1").state == "conflict"
    assert configs.synced("opus-1", take="master").state == "applied"
    assert configs.states("opus-1") == {"opus-1": "in_sync"}
    after = path.read_bytes()
    assert all(line in after for line in lines)
    expected = {key: canonical(value) for key, value in MASTER.items()}
    assert {key: canonical(cast("Json", _parsed(after)[key])) for key in MASTER} == expected


@pytest.mark.parametrize("value", TAKEN, ids=lambda value: repr(value[:30]))
def test_what_json_parse_takes_is_equal_to_itself_as_a_master_writes_it(configs: ConfigFleet, value: bytes) -> None:
    configs.master.write_bytes(b'{"x": {"deep": [' + value.decode(errors="replace").encode() + b"]}}")
    configs.path("opus-1").write_bytes(b"{}")
    done = configs.synced("opus-1")
    assert done.state == "applied", done.why
    assert configs.states("opus-1") == {"opus-1": "in_sync"}
    assert configs.synced("opus-1").state == "unchanged"


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: repr(value[:30]))
def test_what_json_parse_refuses_is_unreadable_and_untouched(configs: ConfigFleet, value: bytes) -> None:
    path = configs.path("opus-1")
    path.write_bytes(text := b'{"x": ' + value + b"}")
    assert configs.planned("opus-1").state == "unreadable"
    assert configs.synced("opus-1", take="master", restore=True).state == "refused"
    assert path.read_bytes() == text
    with pytest.raises(OpsError):
        _parsed(text)
