"""Records that are described once: frozen, equal by their values, with lists of their own."""

from dataclasses import FrozenInstanceError

import pytest

from mcp_server.kernel.checked import Checked, Field


class Place(Checked):
    name: str
    seats: int = Field(default=4, ge=1)
    tags: list[str] = Field(default=[])


class Hall(Place):
    stage: bool = False


def test_a_record_cannot_be_changed() -> None:
    place = Place(name="a")
    with pytest.raises(FrozenInstanceError):
        place.seats = 5  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(FrozenInstanceError):
        del place.seats  # pyright: ignore[reportAttributeAccessIssue]
    assert place.seats == 4


def test_records_with_the_same_values_are_equal_if_they_are_of_one_kind() -> None:
    assert Place(name="a") == Place(name="a", seats=4, tags=[])
    assert Place(name="a") != Place(name="b")
    assert Place(name="a") != Hall(name="a")
    assert repr(Hall(name="a", stage=True)) == "Hall(name='a', seats=4, tags=[], stage=True)"


def test_a_list_that_was_not_given_belongs_to_one_record() -> None:
    first, second = Place(name="a"), Place(name="b")
    first.tags.append("x")
    assert second.tags == Place(name="c").tags == []


@pytest.mark.parametrize("values", [{}, {"name": "a", "size": 1}])
def test_a_missing_or_unknown_field_is_an_error_at_once(values: dict[str, object]) -> None:
    with pytest.raises(TypeError, match=r"missing: (name|size)"):
        Place(**values)  # pyright: ignore[reportArgumentType]
