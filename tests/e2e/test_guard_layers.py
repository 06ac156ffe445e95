"""A sample of the lines behind docs/guard-layers.md is measured again."""

import random
from pathlib import Path

import pytest

from tests.fixtures.guarded import guarded_clone
from tests.fixtures.strace import seed
from tests.guard.layers import measured, moves

pytestmark = pytest.mark.e2e
DRAWN = 12
"The size of the sample of lines that move main without a layer, and of that of the others."


def test_a_line_moves_main_through_the_same_layers_as_on_the_page(tmp_path: Path) -> None:
    random_, box, known = random.Random(seed()), guarded_clone(tmp_path), measured()
    assert box.alone, "takes root on Linux: each line runs in its own namespaces"
    moving = [command for command, layers in known.items() if "1" in layers]
    others = [command for command, layers in known.items() if "1" not in layers]
    drawn = [*random_.sample(moving, DRAWN), *random_.sample(others, DRAWN)]
    assert {command: moves(box, command) for command in drawn} == {command: known[command] for command in drawn}
