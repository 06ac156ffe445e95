"""What the page of layers says was seen is seen again, on lines that are drawn."""

import random
from pathlib import Path

import pytest

from tests.fixtures.guarded import guarded_clone
from tests.fixtures.strace import seed
from tests.guard.layers import moves, seen

pytestmark = pytest.mark.e2e
DRAWN = 12
"Of the lines that move main with no layer, and of the others."


def test_a_line_moves_main_through_the_layers_that_the_page_says(tmp_path: Path) -> None:
    random_, there, told = random.Random(seed()), guarded_clone(tmp_path), seen()
    assert there.alone, "as root on Linux: each line in namespaces of its own"
    moving = [command for command, layers in told.items() if layers != "000"]
    others = [command for command, layers in told.items() if layers == "000"]
    drawn = [*random_.sample(moving, DRAWN), *random_.sample(others, DRAWN)]
    assert {command: moves(there, command) for command in drawn} == {command: told[command] for command in drawn}
