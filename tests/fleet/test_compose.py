"""What a compose file says about its services, with all that it names."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from mcp_server.fleet.compose import Service, interpolate
from mcp_server.fleet.look_compose import ComposeReader
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.mount import Mount
from mcp_server.system.files import Files


class Folder:
    """A folder with compose files."""

    def __init__(self, path: Path) -> None:
        self.path = path / "Docker"
        self.path.mkdir()

    def write(self, **texts: str) -> "Folder":
        for name, text in texts.items():
            (self.path / name.replace("__", "/").replace("_", ".")).write_text(text)
        return self

    def services(self, text: str, **environment: str) -> dict[str, Service]:
        compose = self.path / "docker-compose.yml"
        compose.write_text(text)
        reader = ComposeReader(Files(self.path / "state"), "/home/me", environment)
        return {service.name: service for service in reader.services(compose)}

    def variables(self, body: str, **environment: str) -> Mapping[str, str]:
        """The variables of the service `t` with this body, indented by four spaces."""
        service = self.services(f"services:\n  t:\n{body}", **environment)["t"]
        return {name: value.reveal() for name, value in service.environment.items()}

    def mounts(self, volume: str) -> tuple[Mount, ...]:
        text = f"services:\n  t:\n    volumes:\n      - {volume}\n"
        return self.services(text, HOME="/home/me")["t"].mounts


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ("${HOME}/.claude:/login", Mount("/home/me/.claude", "/login", read_only=False)),
        ("${HOME:-/root}/.claude:/login:ro", Mount("/home/me/.claude", "/login", read_only=True)),
        ("$HOME/.claude:/login:rw,z", Mount("/home/me/.claude", "/login", read_only=False)),
        ("~/.claude:/login:z,ro", Mount("/home/me/.claude", "/login", read_only=True)),
        ("${NOWHERE:-/srv}/x:/y", Mount("/srv/x", "/y", read_only=False)),
        (
            "{type: bind, source: ~/.claude, target: /login, read_only: true}",
            Mount("/home/me/.claude", "/login", read_only=True),
        ),
    ],
)
def test_a_mount_of_a_host_folder_is_understood_in_every_notation(
    folder: Folder, volume: str, expected: Mount
) -> None:
    assert folder.mounts(volume) == (expected,)


def test_a_relative_mount_starts_at_the_folder_of_its_file(folder: Folder) -> None:
    assert folder.mounts("../test-1:/workspace")[0].source == str(folder.path / ".." / "test-1")


@pytest.mark.parametrize("volume", ["data:/var/lib", "7", "{type: tmpfs, target: /tmp}", "/only"])
def test_a_volume_that_is_not_a_folder_of_the_host_is_not_a_mount(folder: Folder, volume: str) -> None:
    assert folder.mounts(volume) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${A}", "1"),
        ("$A-$$A", "1-$A"),
        ("${A:-d}${E:-d}${U:-d}", "1dd"),
        ("${A-d}${E-d}${U-d}", "1d"),
        ("${A:+s}${E:+s}${U:+s}", "s"),
        ("${A+s}${E+s}${U+s}", "ss"),
        ("${U:-${E:-${A}}}", "1"),
        ("${U:-a}b}", "ab}"),
        ("${A:?needed}", "1"),
        ("${E?needed}", ""),
    ],
)
def test_a_variable_is_replaced_as_compose_does_it(text: str, value: str) -> None:
    assert interpolate(text, {"A": "1", "E": ""}.get) == value


@pytest.mark.parametrize("text", ["${", "${}", "$1", "a$", "${A", "${A!b}", "${U:?needed}", "${E:?needed}"])
def test_what_compose_refuses_is_refused(text: str) -> None:
    with pytest.raises(OpsError):
        interpolate(text, {"A": "1", "E": ""}.get)


@pytest.mark.parametrize("form", ["{A: 1, B: , C: 'x y'}", "[A=1, B, C=x y]"])
def test_an_environment_is_understood_as_mapping_and_as_list(folder: Folder, form: str) -> None:
    body = f"    environment: {form}\n"
    assert folder.variables(body) == {"A": "1", "C": "x y"}, "B is passed on by name, and is not set"
    assert folder.variables(body, B="2") == {"A": "1", "B": "2", "C": "x y"}
    assert folder.write(_env="B=3\n").variables(body) == {"A": "1", "B": "3", "C": "x y"}
    assert folder.variables(body, B="2") == {"A": "1", "B": "2", "C": "x y"}, "the shell wins over .env"


@pytest.mark.parametrize("text", ["A: ${X:-}", "A: ${X}", "A: $X"])
def test_a_value_that_nobody_sets_is_empty(folder: Folder, text: str) -> None:
    body = f"    environment:\n      {text}\n"
    assert folder.variables(body) == {"A": ""}
    assert folder.write(_env="X=1").variables(body) == {"A": "1"}


@pytest.mark.parametrize(
    "named", ["a.env", "[a.env]", "[{path: a.env, required: false}]", "[{path: a.env, format: raw}]"]
)
def test_a_file_of_variables_is_read_in_every_notation(folder: Folder, named: str) -> None:
    folder.write(a_env="export A=1\nB: 2\nC\nE='x'\n", _env="C=3\nE=0")
    assert folder.variables(f"    env_file: {named}\n    environment: {{E: y}}\n") == {
        "A": "1",
        "B": "2",
        "C": "3",
        "E": "y",
    }


def test_a_later_file_of_variables_wins_and_one_that_cannot_be_read_makes_its_service_unknown(
    folder: Folder,
) -> None:
    folder.write(a_env="A=1\n", b_env="A=2\n")
    assert folder.variables("    env_file: [a.env, b.env]\n") == {"A": "2"}
    assert folder.variables("    env_file: [a.env, {path: gone.env, required: false}]\n") == {"A": "1"}
    (folder.path / "folder.env").mkdir()
    service = folder.services("services: {t: {env_file: [a.env, folder.env]}, u: {}}")
    assert service["t"].unread is not None
    assert "folder.env" in service["t"].unread.message
    assert service["u"].unread is None


def test_an_override_file_is_read_too(folder: Folder) -> None:
    folder.write(**{"docker-compose_override_yml": "services: {t: {environment: {B: 2}, volumes: ['/x:/b']}}"})
    text = "services: {t: {environment: {A: 1, B: 1}, volumes: ['/a:/a', '/b:/b']}}"
    service = folder.services(text)["t"]
    assert {name: value.reveal() for name, value in service.environment.items()} == {"A": "1", "B": "2"}
    assert [(mount.source, mount.target) for mount in service.mounts] == [("/a", "/a"), ("/x", "/b")]


def test_reset_and_override_take_away_what_an_earlier_file_says(folder: Folder) -> None:
    override = "services:\n  t:\n    environment: !override {B: 2}\n    volumes: !reset []\n"
    folder.write(**{"docker-compose_override_yml": override})
    service = folder.services("services: {t: {environment: {A: 1}, volumes: ['/a:/a']}}")["t"]
    assert ([*service.environment], service.mounts) == (["B"], ())


@pytest.mark.parametrize(
    "line",
    ["ports: !override ['80:80']", "ports: !reset []", "labels: {sign: =}", "x: !ours {a: 1}", "day: 2024-99-99"],
)
def test_tags_and_scalars_that_compose_takes_are_passed_over(folder: Folder, line: str) -> None:
    assert folder.variables(f"    environment: {{A: yes}}\n    {line}\n") == {"A": "yes"}


def test_a_service_that_extends_another_gets_what_that_has_from_where_it_is(folder: Folder) -> None:
    (folder.path / "base").mkdir()
    base = "{extends: top, env_file: b.env, environment: {A: 1}, volumes: ['./x:/x']}"
    text = f"services:\n  top: {{environment: {{A: 0, C: 3}}}}\n  base: {base}\n"
    folder.write(base__base_yml=text, base__b_env="B=2\n")
    service = folder.services("services: {t: {extends: {file: base/base.yml, service: base}, environment: {A: 2}}}")[
        "t"
    ]
    assert {n: v.reveal() for n, v in service.environment.items()} == {"A": "2", "B": "2", "C": "3"}
    assert service.mounts[0].source == str(folder.path / "base" / "x")


@pytest.mark.parametrize("entry", ["more/a.yml", "{path: more/a.yml}", "{path: [more/a.yml, more/b.yml]}"])
def test_an_included_file_brings_its_services_with_its_own_variables(folder: Folder, entry: str) -> None:
    (folder.path / "more").mkdir()
    folder.write(
        more__a_yml="services: {t: {environment: {A: $X}}}", more__b_yml="services: {t: {environment: {B: 2}}}"
    )
    folder.write(more___env="X=1\n")
    found = folder.services(f"include:\n  - {entry}\nservices: {{u: {{}}}}\n")
    assert set(found) == {"t", "u"}
    assert found["t"].environment["A"].reveal() == "1"
    assert ("B" in found["t"].environment) == ("b.yml" in entry)


@pytest.mark.parametrize(
    "text",
    [
        "include: [gone.yml]",
        "include: ['https://example.test/x.git']",
        "include: ['oci://example.test/x']",
        "include: [docker-compose.yml]",
        "services: {t: {extends: gone}}",
        "services: {t: {extends: {file: gone.yml, service: x}}}",
        "services: {t: {extends: t}}",
        "services: {t: {environment: {A: '${X:?}'}}}",
    ],
)
def test_a_file_that_cannot_be_read_in_full_is_an_error(folder: Folder, text: str) -> None:
    with pytest.raises(OpsError):
        folder.services(text)


def test_a_file_of_variables_that_is_a_device_is_not_read(folder: Folder) -> None:
    assert folder.services("services: {t: {env_file: /dev/zero}}")["t"].unread is not None


def test_anchors_and_merges_are_followed(folder: Folder) -> None:
    text = "x-a: &a\n  volumes: [/a:/b]\nservices:\n  one:\n    <<: *a\n"
    assert folder.services(text)["one"].mounts == (Mount("/a", "/b", read_only=False),)


@pytest.mark.parametrize("text", ["", "[]", "services:", "services: 7", "services: {a: }"])
def test_a_file_without_containers_has_none(folder: Folder, text: str) -> None:
    assert all(not service.mounts for service in folder.services(text).values())


@pytest.mark.parametrize("text", ["a: [", "\t- x: y", "a: !!python/object:os.system {}"])
def test_what_is_not_yaml_is_refused(folder: Folder, text: str) -> None:
    with pytest.raises(OpsError, match="not YAML"):
        folder.services(text)
