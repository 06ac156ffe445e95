"""What counts as a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.search.stem import stem
from mcp_server.search.words import terms_of


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("caresses", "caress"),
        ("ponies", "poni"),
        ("agreed", "agre"),
        ("plastered", "plaster"),
        ("motoring", "motor"),
        ("conflated", "conflat"),
        ("hopping", "hop"),
        ("falling", "fall"),
        ("filing", "file"),
        ("happy", "happi"),
        ("relational", "relat"),
        ("rational", "ration"),
        ("vietnamization", "vietnam"),
        ("formalize", "formal"),
        ("electrical", "electr"),
        ("hopefulness", "hope"),
        ("adoption", "adopt"),
        ("probate", "probat"),
        ("cease", "ceas"),
        ("controll", "control"),
        ("4xx", "4xx"),
        ("größer", "größer"),
    ],
)
def test_stems_are_porters(word: str, expected: str) -> None:
    assert stem(word) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KubeAPIDown", ["kube", "api", "down", "kubeapidown", "kapid"]),
        ("target_limit", ["target", "limit", "targetlimit"]),
        ("virt-api pods", ["virt", "api", "virtapi", "pod"]),
        ("VirtualMachineInstance", ["virtual", "machin", "instanc", "virtualmachineinst", "vmi"]),
        ("VMIs and VMs", ["vmi", "vm"]),
        ("isn't", ["not"]),
        ("cannot", ["not"]),
        ("no more than 401", ["no", "more", "401"]),
        ("what is the", []),
        ("…  -- !", []),
    ],
)
def test_names_give_their_parts_and_the_whole(text: str, expected: list[str]) -> None:
    assert terms_of(text) == expected


@given(st.text())
def test_any_text_has_terms_without_blanks(text: str) -> None:
    assert all(term and not term.isspace() and " " not in term for term in terms_of(text))
