"""The detector on made-up secrets of many kinds and on innocent text, in Python and in the shell."""

import re
import subprocess
from pathlib import Path

import pytest

from mcp_server.kernel.secrets.detector import scrub
from mcp_server.kernel.secrets.grep import shell_lines
from tests.kernel.secret_kinds import KINDS, MORE_KINDS, MORE_SETTINGS, SETTINGS

INNOCENT = (Path(__file__).parent / "innocent.txt").read_text().splitlines()
ALL = [
    *(setting.format(text) for text in KINDS.values() for setting in SETTINGS),
    *(line for text in MORE_KINDS.values() for line in text.split("\n")),
]
PROGRAM = """. ./patterns
for kind in keys:plain named:harmless words:placeholders; do
    eval "secret=\\$${kind%:*} no_secret=\\$${kind#*:}"
    grep -anoE "$secret" corpus | while IFS= read -r found; do
        printf '%s\\n' "${found#*:}" | grep -aqE "$no_secret" || echo "${found%%:*}"
    done
done
echo hint
grep -anE "$hint" corpus | cut -d: -f1
"""


def bare(text: str) -> str:
    return text.replace("«", "").replace("»", "")


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_is_redacted_in_every_setting_and_the_text_around_it_stays(kind: str) -> None:
    lead, secret, rest = KINDS[kind].replace("»", "«").split("«")
    for setting in SETTINGS:
        shown = scrub(setting.format(lead + secret + rest))
        assert "[redacted]" in shown
        assert secret[len(secret) // 2 :] not in shown
        assert shown.startswith(setting.partition("{}")[0].replace("{{", "{"))


@pytest.mark.parametrize("kind", MORE_KINDS)
def test_a_secret_is_redacted_in_lines_of_many_forms(kind: str) -> None:
    text = MORE_KINDS[kind]
    secrets = re.findall("«([^»]*)»", text)
    for setting in MORE_SETTINGS if kind[0] != "^" else ("{}", "a\r\n{}\r\nb"):
        shown = scrub(bare(setting.format(text)))
        assert not [secret for secret in secrets if secret[len(secret) // 2 :] in shown], setting


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_text_stays_as_it_is(text: str) -> None:
    assert scrub(text) == text


def test_the_corpus_is_large_enough_to_say_something() -> None:
    assert len(KINDS) + len(MORE_KINDS) >= 390
    assert len(INNOCENT) >= 370


def test_a_private_key_is_redacted_whole_and_also_without_its_beginning_or_end() -> None:
    begin, end = "-----BEGIN RSA " + "PRIVATE KEY-----", "-----END RSA " + "PRIVATE KEY-----"
    body = "\n".join("MIIEow" + "aB3/" * 14 for _ in range(3))
    for text in (f"{begin}\n{body}\n{end}", f"{begin}\n{body}", f"{body}\n{end}"):
        assert "aB3/" not in scrub(f"before\n{text}")
    assert scrub(f"a\n{begin}\n{body}\n{end}\nb") == "a\n[redacted]\nb"


def test_the_shell_finds_in_the_corpus_what_python_finds(tmp_path: Path) -> None:
    lines = [bare(text) for text in ALL] + INNOCENT
    (tmp_path / "corpus").write_text("".join(f"{line}\n" for line in lines))
    (tmp_path / "patterns").write_text(shell_lines())
    done = subprocess.run(["sh", "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=True)
    found, hints = (set(map(int, numbers.split())) for numbers in done.stdout.split("hint"))
    assert done.stderr == ""
    assert found == {number for number, line in enumerate(lines, 1) if scrub(line) != line}
    assert found <= hints


@pytest.mark.parametrize("text", ["a", "a-", "://a:", "token=", "eyJ", "curl ", "cookie: a=", "user a ", "sk-ant-"])
def test_the_time_grows_with_the_length_alone(text: str) -> None:
    """A pattern that goes back over a repeated text takes minutes for this one, which ends the test run."""
    assert scrub(text * 40_000)


def test_the_quick_look_of_the_hook_overlooks_no_secret_of_the_corpus(tmp_path: Path) -> None:
    script = Path("hooks/githooks/guard.sh").read_text()
    function = script[script.index("is_suspicious() {") : script.index("private_file() {")]
    corpus = "\0".join(bare(text) for text in [*KINDS.values(), *MORE_KINDS.values()])
    program = f"set -uf; tab='\t' eol='\n'\n{function}\n" + 'is_suspicious "$1" || printf "%s\\n" "$1"'
    (tmp_path / "quick.sh").write_text(program)
    done = subprocess.run(
        ["xargs", "-0", "-n1", "sh", "quick.sh"],
        cwd=tmp_path,
        input=corpus,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
