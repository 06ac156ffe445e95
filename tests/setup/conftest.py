"""A checkout whose path has a space in it, on a machine where nothing is prepared."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.setup.checkout import Checkout, make
from tests.setup.index import Index


@pytest.fixture
def index() -> Generator[Index]:
    """An index whose gate is open."""
    with Index() as index:
        index.gate.set()
        yield index


@pytest.fixture
def checkout(tmp_path: Path, index: Index) -> Checkout:
    return make(tmp_path / "a checkout", tmp_path / "machine", index)
