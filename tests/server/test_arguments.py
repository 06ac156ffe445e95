"""The shell and the server accept and refuse the same arguments, from one description of each parameter."""

from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.kernel.checked import Described, described
from mcp_server.kernel.errors import OpsError
from mcp_server.operation import arguments as shell
from mcp_server.operation.operation import Operation
from mcp_server.server import arguments as server
from mcp_server.server.catalogue import shell_catalogue

OF_ANY_TYPE: list[Any] = [None, True, 1, 0, 1.0, "x", "", "\ud800", [], ["x"], [1], {}, ("x",)]
OPERATIONS = [operation for operation in shell_catalogue() if described(operation.params)]
TEXT = st.text(alphabet=st.characters(codec=None), max_size=12)
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5000), TEXT, st.lists(TEXT, max_size=3), st.floats(), st.just({"a": 1})
)


def fitting(field: Described) -> st.SearchStrategy[Any]:
    """Values that fit the field's type, and often its limits, up to their very edges."""
    kind, limits = field.bare, field.limits
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if kind is bool:
        return st.booleans()
    if kind is int:
        edges = [limit + step for limit in (limits.ge, limits.le) if limit is not None for step in (-1, 0, 1)]
        return st.sampled_from([*edges, 7])
    if get_origin(kind) is list:
        most = limits.max_length or 3
        return st.one_of(st.lists(TEXT, max_size=3), st.sampled_from([["x"] * most, ["x"] * (most + 1)]))
    lengths = [limit + step for limit in (limits.min_length, limits.max_length) if limit for step in (-1, 0, 1)]
    return st.one_of(TEXT, st.sampled_from(["opus-1", "v1.2.3", "", *("x" * length for length in lengths)]))


@st.composite
def calls(draw: st.DrawFn) -> tuple[Operation, dict[str, Any]]:
    operation = draw(st.sampled_from(OPERATIONS))
    given: dict[str, Any] = {}
    for name, field in described(operation.params).items():
        if field.is_required or draw(st.booleans()):
            given[name] = draw(st.one_of(fitting(field), fitting(field), fitting(field), ANYTHING))
    for name in draw(st.lists(st.sampled_from([*given, "unheard_of"]), max_size=1)):
        given = {**given, name: None} if name == "unheard_of" else {key: given[key] for key in given if key != name}
    return operation, given


def outcome(check: Any, operation: Operation, given: dict[str, Any]) -> object:
    try:
        return check.parameters(operation, given)
    except OpsError as error:
        return error.kind, error.message, error.next


@given(calls())
def test_the_shell_and_the_server_accept_and_refuse_the_same(call: tuple[Operation, dict[str, Any]]) -> None:
    assert outcome(shell, *call) == outcome(server, *call)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_value_of_another_type_is_judged_alike_for_each_parameter(operation: Operation) -> None:
    good: dict[str, Any] = {name: None for name, field in described(operation.params).items() if field.is_required}
    for name in described(operation.params):
        for value in OF_ANY_TYPE:
            call = {**good, name: value}
            assert outcome(shell, operation, call) == outcome(server, operation, call), call
            assert is_accepted(operation, call) == isinstance(outcome(shell, operation, call), operation.params), call


def is_accepted(operation: Operation, call: dict[str, Any]) -> bool:
    """Whether the pydantic model alone accepts it."""
    try:
        server.model_of(operation.params).model_validate(call)
    except ValueError:
        return False
    return True


@given(calls())
def test_what_the_model_alone_says_is_what_the_description_says(call: tuple[Operation, dict[str, Any]]) -> None:
    assert is_accepted(*call) == isinstance(outcome(shell, *call), call[0].params)


@pytest.mark.parametrize(
    ("given", "message", "step"),
    [
        ({"name": "x" * 65}, "has 65 characters, at most 64 are allowed", "Give name in that form"),
        ({"name": 3}, "name must be text, got '3'", "Give name in that form"),
        ({}, "agent_env needs the argument name", "Give name; it takes: name, explain, reveal"),
        ({"name": "a", "nmae": 1}, "agent_env has no argument 'nmae'", "It takes: name, explain, reveal"),
    ],
)
def test_a_refusal_names_the_argument_the_value_and_what_fits(given: dict[str, Any], message: str, step: str) -> None:
    operation = next(operation for operation in OPERATIONS if operation.name == "agent_env")
    with pytest.raises(OpsError) as caught:
        server.parameters(operation, given)
    assert message in caught.value.message
    assert caught.value.next == step
