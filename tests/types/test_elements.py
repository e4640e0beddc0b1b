"""Which element passes for which, and what arithmetic makes of two."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from specc.types.dim import Dim
from specc.types.elements import (
    BASES,
    Element,
    ElementFailure,
    Scalar,
    accepts,
    arithmetic,
    mismatch,
)

torch = pytest.importorskip("torch")

DTYPES = {
    "float": torch.float32,
    "int": torch.int64,
    "uint8": torch.uint8,
    "bool": torch.bool,
}
NUMBERS = {Scalar.BOOL: True, Scalar.INT: 2, Scalar.FLOAT: 2.0}
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "@": operator.matmul,
    "==": operator.eq,
    "<": operator.lt,
}

PASSES = """
wanted     given
float      float logits probs log_probs
logits     float logits
probs      float probs
log_probs  float log_probs
int        int ids
ids        ids
uint8      uint8
bool       bool mask
mask       bool mask
str        str
"""


@pytest.mark.parametrize("row", PASSES.split("\n")[2:-1])
def test_what_passes(row: str) -> None:
    wanted, *passing = row.split()
    for given in BASES:
        assert accepts(Element(wanted), Element(given)) == (given in passing)


@pytest.mark.parametrize(
    ("wanted", "given", "words"),
    [
        ("logits", "probs", "softmax or sigmoid was already applied"),
        ("probs", "logits", "not probabilities"),
        ("float", "uint8", "bytes"),
        ("ids", "float", "whole numbers"),
        ("int", "float", "float does not pass for int"),
    ],
)
def test_refusals_say_why(wanted: str, given: str, words: str) -> None:
    failure = mismatch(Element(wanted), Element(given))
    assert failure is not None
    assert words in failure.reason


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize(("left", "right"), list(product(DTYPES, repeat=2)))
def test_tensors_combine_as_in_torch(op: str, left: str, right: str) -> None:
    shape = (2, 2)
    _compare(
        arithmetic(op, Element(left), Element(right)),
        lambda: OPERATORS[op](
            torch.ones(shape, dtype=DTYPES[left]), torch.ones(shape, dtype=DTYPES[right])
        ),
    )


@pytest.mark.parametrize("op", [op for op in OPERATORS if op != "@"])
@pytest.mark.parametrize(("base", "scalar"), list(product(DTYPES, Scalar)))
def test_numbers_combine_as_in_torch(op: str, base: str, scalar: Scalar) -> None:
    tensor = torch.ones((2, 2), dtype=DTYPES[base])
    _compare(arithmetic(op, Element(base), scalar), lambda: OPERATORS[op](tensor, NUMBERS[scalar]))
    _compare(arithmetic(op, scalar, Element(base)), lambda: OPERATORS[op](NUMBERS[scalar], tensor))


def _compare(inferred: Element | ElementFailure, compute: Callable[[], Any]) -> None:
    """Never more than torch; where masks are refused, torch may be more lenient."""
    try:
        dtype = compute().dtype
    except (RuntimeError, NotImplementedError):
        assert isinstance(inferred, ElementFailure)
    else:
        if isinstance(inferred, ElementFailure):
            assert "masks" in inferred.reason
        else:
            assert DTYPES[inferred.base] == dtype


def test_promotion_is_torchs() -> None:
    for left, right in product(DTYPES, repeat=2):
        promoted = arithmetic("+", Element(left), Element(right))
        assert isinstance(promoted, Element)
        assert DTYPES[promoted.name] == torch.promote_types(DTYPES[left], DTYPES[right])


@pytest.mark.parametrize("word", [word for word, base in BASES.items() if base != "str"])
def test_arithmetic_drops_refinements(word: str) -> None:
    result = arithmetic("*", Element(word, Dim.of(3)), Scalar.FLOAT)
    assert result == Element("float")


def test_masks() -> None:
    mask = Element("mask")
    assert arithmetic("and", mask, Element("bool")) == mask
    assert arithmetic(">=", Element("float"), Scalar.INT) == mask
    assert isinstance(arithmetic("or", mask, Element("float")), ElementFailure)
    assert isinstance(arithmetic("-", mask, mask), ElementFailure)


@pytest.mark.parametrize("op", [*OPERATORS, "and", "or"])
def test_text_takes_no_part(op: str) -> None:
    assert isinstance(arithmetic(op, Element("str"), Element("str")), ElementFailure)
