"""Mounts and environments in the text of a compose file."""

import pytest

from mcp_server.fleet.compose import parse
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.mount import Mount


def mount(volume: str) -> tuple[Mount, ...]:
    return parse(f"services:\n  test-1:\n    volumes:\n      - {volume}\n", "/home/me")[0].mounts


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ("${HOME}/.claude:/login", Mount("/home/me/.claude", "/login", read_only=False)),
        ("${HOME:-/root}/.claude:/login:ro", Mount("/home/me/.claude", "/login", read_only=True)),
        ("$HOME/.claude:/login:rw,z", Mount("/home/me/.claude", "/login", read_only=False)),
        ("~/.claude:/login:z,ro", Mount("/home/me/.claude", "/login", read_only=True)),
        ("../test-1:/workspace", Mount("../test-1", "/workspace", read_only=False)),
        (
            "{type: bind, source: ~/.claude, target: /login, read_only: true}",
            Mount("/home/me/.claude", "/login", read_only=True),
        ),
    ],
)
def test_a_mount_of_a_host_folder_is_understood_in_every_notation(volume: str, expected: Mount) -> None:
    assert mount(volume) == (expected,)


@pytest.mark.parametrize("volume", ["data:/var/lib", "$HOMER/x:/y", "7", "{type: tmpfs, target: /tmp}"])
def test_a_volume_that_is_not_a_folder_of_the_host_is_not_a_mount(volume: str) -> None:
    assert mount(volume) == ()


@pytest.mark.parametrize("environment", ["{A: 1, B: , C: 'x y'}", "[A=1, B, C=x y]"])
def test_an_environment_is_understood_as_mapping_and_as_list(environment: str) -> None:
    (service,) = parse(f"services: {{t: {{environment: {environment}}}}}", "/home/me")
    assert {name: value.reveal() for name, value in service.environment.items()} == {"A": "1", "B": "", "C": "x y"}


@pytest.mark.parametrize("named", ["../a.env", "[../a.env]", "[{path: ../a.env, required: false}]"])
def test_a_file_of_variables_is_understood_in_every_notation(named: str) -> None:
    assert parse(f"services: {{t: {{env_file: {named}}}}}", "/home/me")[0].environment_files == ("../a.env",)
    assert parse("services: {t: {env_file: [7, {a: b}, ~/x]}}", "/home/me")[0].environment_files == ("/home/me/x",)


def test_anchors_and_merges_are_followed() -> None:
    text = "x-a: &a\n  volumes: [/a:/b]\nservices:\n  one:\n    <<: *a\n"
    assert parse(text, "/home/me")[0].mounts == (Mount("/a", "/b", read_only=False),)


@pytest.mark.parametrize("text", ["", "[]", "services:", "services: 7", "services: {a: }"])
def test_a_file_without_containers_has_none(text: str) -> None:
    assert all(not service.mounts for service in parse(text, "/home/me"))


@pytest.mark.parametrize("text", ["a: [", "\t- x: y", "a: !!python/object:os.system {}"])
def test_what_is_not_yaml_is_refused(text: str) -> None:
    with pytest.raises(OpsError, match="not YAML"):
        parse(text, "/home/me")
