"""Lines in which one character or word decides, beside those of the corpus."""

import pytest

from tests.guard.repositories import verdict


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("echo 'x <<E'\ngit push origin main\nE", "deny"),
        ("$G -C . --no-pager push origin main", "ask"),
        ('"$TOOL" one two three four push', "allow"),
        ("git switch main; git push origin ops:$(git branch --show-current)", "deny"),
        ("git config branch.ops.remote origin", "allow"),
        ("git config branch.ops.merge refs/heads/ops", "allow"),
        ("git config branch.ops.merge refs/heads/main", "deny"),
        ("git push origin $(git branch --show-current)", "allow"),
    ],
)
def test_one_character_or_word_decides(line: str, expected: str) -> None:
    assert verdict(line).verdict == expected
