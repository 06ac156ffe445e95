# pyright: basic
"""How many keys of another scanner's rules the detector finds: random texts that its patterns match.

pip download --no-deps kingfisher-bin && unzip kingfisher_bin-*.whl 'kingfisher/bin/*'
chmod +x kingfisher/bin/kingfisher
python -m benchmarks.secret_rules kingfisher/bin/kingfisher
"""

import json
import random
import re
import string
import subprocess
import sys
from importlib import import_module

from mcp_server.kernel.secrets.detector import scrub

op, parser = import_module("re._constants"), import_module("re._parser")  # Python's own reader of patterns
DRAWN = 8
PICK = random.Random(16)
PRINTED = [chr(code) for code in range(32, 127)]
NOT_SECRET = re.compile(
    r"(-id|-name|-url|-host|-domain|-address|-username|pub(lic)?(-api)?-key|repository)(\.[0-9])?$"
)
BY_NAME = re.compile(r"\(\?:=\|>\||\{0,[1-9][0-9]\}\?")
"Rules that need a name before the value: they are tried as a variable of that name."
CLASSES = {
    op.CATEGORY_DIGIT: string.digits,
    op.CATEGORY_WORD: string.ascii_letters + string.digits + "_",
    op.CATEGORY_SPACE: " ",
}


def drawn(parts) -> str:
    return "".join(_one(kind, value) for kind, value in parts)


def _one(kind: object, value) -> str:  # noqa: PLR0911  the nodes of Python's own parser
    match kind:
        case op.LITERAL:
            return chr(value)
        case op.NOT_LITERAL | op.ANY:
            return PICK.choice(string.ascii_letters)
        case op.IN:
            return PICK.choice(_members(value))
        case op.MAX_REPEAT | op.MIN_REPEAT:
            least, _, repeated = value
            return "".join(drawn(repeated) for _ in range(PICK.randint(least, least + 3 if least else 0)))
        case op.SUBPATTERN:
            return drawn(value[3])
        case op.BRANCH:
            return drawn(PICK.choice(value[1]))
        case _:
            return ""


def _members(items) -> list[str]:
    found: set[str] = set()
    for kind, value in items:
        match kind, value:
            case op.LITERAL, int():
                found.add(chr(value))
            case op.RANGE, (int(low), int(high)):
                found |= set(map(chr, range(low, min(high, 126) + 1)))
            case op.CATEGORY, _:
                found |= set(CLASSES.get(value, string.ascii_letters))
    letters = [char for char in PRINTED if (char in found) != (items[0][0] is op.NEGATE)]
    return letters or sorted(found)


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern in Python's syntax."""
    pattern = pattern.replace(r"\z", r"\Z").replace("[[:alnum:]]", "[A-Za-z0-9]")
    ignore_case = pattern.startswith("(?i)")
    return re.compile(
        re.sub(r"\(\?[a-z]*-?[a-z]*(\)|:)", lambda f: "(?:" if f[1] == ":" else "", pattern), ignore_case * 2
    )


def rate(rule: dict[str, str]) -> float | None:
    """The share of a rule's drawn keys that are found; None if none could be drawn."""
    try:
        pattern = compiled(rule["pattern"])
        tree = parser.parse(pattern.pattern)
    except (re.error, ValueError, OverflowError):
        return None
    name = re.sub("[^A-Z0-9]+", "_", re.sub(r"^[a-z]+\.|\.[0-9]$", "", rule["id"]).upper())
    results: list[bool] = []
    for text in (drawn(tree) for _ in range(20 * DRAWN)):
        if (match := pattern.search(text)) and len(results) < DRAWN:
            key = next((group for group in match.groups() if group), match[0])
            line = f'{name}="{key}"' if BY_NAME.search(rule["pattern"]) else f"seen {text} here"
            results.append(key[len(key) // 2 :] not in scrub(line))
    return sum(results) / len(results) if results else None


def main() -> int:
    listed = subprocess.run([sys.argv[1], "rules", "list", "--format", "json"], capture_output=True, check=True)
    rules = [rule for rule in json.loads(listed.stdout) if not NOT_SECRET.search(rule["id"])]
    rates = {rule["id"]: rate(rule) for rule in rules}
    known = {name: share for name, share in rates.items() if share is not None}
    print(f"{len(known)} rules, {len(rates) - len(known)} without a drawn key")
    whole, mean = sum(share == 1 for share in known.values()), sum(known.values()) / len(known)
    print(f"found in all {DRAWN} draws: {whole}, mean {mean:.1%}")
    print("not found:", *(name for name, share in sorted(known.items()) if share < 0.5))
    return 0


if __name__ == "__main__":
    sys.exit(main())
