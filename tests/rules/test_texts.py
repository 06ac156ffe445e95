"""No text of the product suggests an API key, holds a real token, or names a path of a developer's machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "ANTHROPIC_API_KEY"
# Each text that names the key must say one of these within two lines.
AGAINST = re.compile(
    r"never|remove|delete|shadow|bill|without|takes? the place|in place of|out of|refus|forbid|left out|no api key|"
    r"not |precedence|wins|over the login|instead of",
    re.IGNORECASE,
)
SUGGESTS = re.compile(rf"(?:set|export|add|use|provide|with)\s+(?:an?\s+|the\s+|your\s+)?`?{KEY}", re.IGNORECASE)
REAL_TOKEN = re.compile(r"sk-ant-(?:oat|ort|api)\d\d-[A-Za-z0-9_-]{24,}")


def texts() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    names = listed.stdout.decode().split("\0")
    suffixes = (".md", ".py", ".json", ".toml", ".sh", ".yml", ".yaml", "")
    return [ROOT / name for name in names if name and Path(name).suffix in suffixes and (ROOT / name).is_file()]


PRODUCT = [path for path in texts() if path.relative_to(ROOT).parts[0] not in ("tests", "benchmarks")]


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_api_key_is_never_suggested(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        assert not SUGGESTS.search(line) or "never" in line.lower(), line
        if KEY in line and path.suffix == ".md" and not line.startswith("|"):  # a row of an index names a problem
            assert AGAINST.search(" ".join(lines[max(0, number - 2) : number + 3])), f"{path.name}:{number + 1}"


def test_nothing_looks_like_a_real_token() -> None:
    assert not [str(path) for path in texts() if REAL_TOKEN.search(path.read_text(encoding="utf-8"))]


def test_no_text_names_a_path_of_a_machine() -> None:
    machine = re.compile(r"/(?:work|root|home/[a-z]+)/(?!\.claude)")
    for path in PRODUCT:
        if "template" not in path.parts:
            assert not machine.search(path.read_text(encoding="utf-8")), path
