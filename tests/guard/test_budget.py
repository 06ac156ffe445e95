"""Lines that would keep a shell busy for long: following them ends after a number of steps, and a human is asked."""

import pytest

from mcp_server.guard.shell.state import Steps
from mcp_server.guard.shell.words import TooLongError
from tests.guard.repositories import verdict

LONG = {
    "a function that calls itself": "f(){ f; f; f; }; f",
    "two functions that call each other": "f(){ g; g; g; }; g(){ f; f; f; }; f",
    "loops in loops": "for a in {1..200}; do " * 4 + "echo $a" + "; done" * 4,
    "braces in braces": "git push origin " + "{a,b}" * 60,
    "text that doubles": "a=xxxxxxxxxxxxxxxx; " + "a=$a$a; " * 60,
    "text that is added to itself": "a=xxxxxxxxxxxxxxxx; " + "a+=$a; " * 60,
    "arrays that double": "a=({1..200}); " + "a=(${a[@]}${a[@]}); " * 20,
    "text that evaluates itself": 'x=\'eval "$x"; eval "$x"; eval "$x"\'; eval "$x"',
    "commands that find runs": "find . " + "-exec sh -c 'for i in {1..200}; do git log $i; done' \\; " * 800,
}


@pytest.mark.parametrize("line", LONG.values(), ids=LONG)
def test_a_line_that_takes_too_many_steps_is_not_allowed(line: str) -> None:
    assert verdict(line).verdict != "allow"


def test_what_was_refused_before_the_steps_ran_out_stays_refused() -> None:
    assert verdict("git push origin main; f(){ f; f; f; }; f").verdict == "deny"


def test_a_long_script_of_an_agent_is_followed_to_its_end() -> None:
    lines = "\n".join(f'if [ -f f{n} ]; then sed -n "{n}p" f{n} | tee -a out.txt; fi' for n in range(1000))
    assert verdict(lines).verdict == "allow"
    assert verdict(f"{lines}\ngit push origin main").verdict == "deny"
    page = "a line of text\n" * 20_000
    assert verdict(f"cat > notes.md <<'EOF'\n{page}EOF").verdict == "allow"


def test_a_step_over_a_long_text_counts_as_several() -> None:
    steps = Steps(3)
    steps.take(100)
    steps.take(99)
    with pytest.raises(TooLongError):
        steps.take()
