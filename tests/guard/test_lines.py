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
        ("python3 -c 'import os,sys;os.system(sys.argv[1])' 'git push origin main'", "deny"),
        ("python3 -c 'import os,sys;os.system(sys.argv[1])' 'git push origin ops'", "allow"),
        ('git commit -m "see $(git push origin main)"', "deny"),
        ('B=ops; git push origin "HEAD:$B"', "allow"),
        ("git push --delet origin main", "deny"),
        ("git branch --delet main", "deny"),
        ("echo a # <<E\ngit push origin main\nE", "deny"),
        ("git remote add --mirror=push x https://h.test/r", "deny"),
        ("git remote show --mirror", "allow"),
        ("gh api graphql -f query='mutation{addStar(x)}'", "allow"),
        ("gh alias set", "ask"),
        ("gh alias import a b c", "ask"),
        (f"cat <<E > x # {'x' * 300}\ngit push origin main\nE", "allow"),
        ("cat <<E \\", "allow"),
        ("git push origin $(git branch --show-current)", "allow"),
    ],
)
def test_one_character_or_word_decides(line: str, expected: str) -> None:
    assert verdict(line).verdict == expected
