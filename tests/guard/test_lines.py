"""Lines in which one character or word decides, beside those of the corpus."""

import pytest

from mcp_server.guard.programs.wrappers import WRAPPERS
from mcp_server.kernel.policy import Policy
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
        ("docker exec -e ANTHROPIC_API_KEY=x c claude -p hi", "deny"),
        ("docker exec --env ANTHROPIC_API_KEY=x c claude -p hi", "deny"),
        ("docker exec -e A=1 c claude -p hi", "allow"),
        ("git -c alias.b='push origin main' -c alias.a=b a", "deny"),
        ("git -c alias.zz='push origin main' -c alias.a=zz a", "deny"),
        ("git -c alias.b='push origin ops' -c alias.a=b a", "allow"),
        ("git -c alias.B='push origin main' b", "deny"),
        ("git -c alias.ship='push origin main' SHIP", "deny"),
        ("git -c alias.ship='push origin ops' SHIP", "allow"),
        ("ls | xargs grep -c 'git push origin main'", "allow"),
        ("echo 'git push origin main' | xargs sh -c", "deny"),
        ("docker exec -e A=1", "allow"),
        ("bash -c", "allow"),
        ("bash -c -e", "allow"),
        ("bash -o", "allow"),
        ("git branch -m ops-2 && git commit -m x", "allow"),
        ("git branch -m pm-2 && git commit -m x", "deny"),
        ("git tag night HEAD && git push origin night", "allow"),
        ("git update-ref refs/heads/main origin/main HEAD", "allow"),
        ("git update-ref refs/heads/main HEAD origin/main", "deny"),
        ("git update-ref -d refs/heads/main origin/main", "deny"),
        ('echo "update refs/heads/x HEAD" | git update-ref --stdin', "allow"),
        ('echo "update refs/heads/main HEAD" | git update-ref --stdin', "ask"),
        ("git update-ref --stdin < file", "ask"),
        ('x=$(echo "<<E")\ngit push origin main\nE', "deny"),
        ("cat <<< x && git push origin main", "deny"),
        ("cat <<< x; cat <<E\ngit push origin main\nE", "allow"),
        ("git tag night && git push origin night", "allow"),
        ("git tag -d night; git push origin night", "deny"),
        ("git tag --list night; git push origin night", "deny"),
        ("git send-pack", "allow"),
        ("git send-pack /r main", "deny"),
        ("git send-pack /scratch/x main", "allow"),
        ("f(){ f; }; f", "allow"),
        ("python3 -c \"import os\ndef f():\n os.system('git push origin main')\"", "deny"),
        ("git push origin zebra main", "deny"),
        ("git push origin tag v1 main", "deny"),
        ("git push origin tag main", "allow"),
        ("git merge --continue", "allow"),
        ("cd /elsewhere && git merge --continue", "allow"),
        ("git rebase --onto main x", "allow"),
        ("cd /tmp && git init -q t && cd t && git checkout -q -b main && git commit --allow-empty -m x", "allow"),
        ("cd /elsewhere && git checkout main && git commit -m x", "allow"),
        ("git clone -q https://h.test/o/lib lib && rm -rf lib/.git", "allow"),
        ("rm -rf ../r/.git", "deny"),
    ],
)
def test_one_character_or_word_decides(line: str, expected: str) -> None:
    assert verdict(line).verdict == expected


@pytest.mark.parametrize("name", sorted(name for name in WRAPPERS if name[0].isalnum()))
def test_a_program_that_runs_another_is_judged_by_what_it_runs(name: str) -> None:
    plainly = ("", " -Z") if name == "command" else ("", " -Z", " -v", " -V", " -u bot", " 5", " -k 5 10s")
    for options in plainly:
        assert verdict(f"{name}{options} git push origin main").verdict == "deny", options
        assert verdict(f"{name}{options} git push origin ops").verdict == "allow", options
        assert verdict(f"{name}{options} 'git push origin main; x'").verdict == "deny", options


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("git fetch origin main ops && git reset --hard FETCH_HEAD", "allow"),
        ("git fetch origin ops main && git reset --hard FETCH_HEAD", "deny"),
        ("git merge --continue", "deny"),
        ("git rebase --onto x", "deny"),
        ("git push --tags", "allow"),
    ],
)
def test_on_main_one_word_decides(line: str, expected: str) -> None:
    assert verdict(line, branch="main").verdict == expected


@pytest.mark.parametrize(
    ("braces", "expected"),
    [
        ("{1..2}", "allow"),
        ("{1..3}", "deny"),
        ("{3..1}", "deny"),
        ("{4..9}", "allow"),
        ("{1..300}", "deny"),
        ("{a..b}", "allow"),
        ("{a..c}", "deny"),
        ("{c..a}", "deny"),
        ("{x..}", "ask"),
    ],
)
def test_braces_stand_for_each_of_their_words(braces: str, expected: str) -> None:
    policy = Policy(protected=("v3", "vc"))
    assert verdict(f"git push origin v{braces}", role=None, policy=policy).verdict == expected


def test_a_long_call_is_cut_in_the_reason() -> None:
    assert verdict(f"claude --bare {'x' * 80}").reason.startswith(f"claude --bare {'x' * 46} ")
