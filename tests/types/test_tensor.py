"""Tensor types, broadcasting and matrix products, against torch."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specc.types.dim import Dim
from specc.types.poly import Facts, Verdict
from specc.types.tensor import (
    BroadcastFailure,
    Dims,
    Element,
    MatmulFailure,
    TensorType,
    broadcast,
    matmul,
)

torch = pytest.importorskip("torch")

B, H, W = Dim.named("B"), Dim.named("H"), Dim.named("W")
ONE = Dim.of(1)
NOTHING = Facts()

shapes = st.lists(st.sampled_from((1, 1, 2, 3)), max_size=4).map(tuple)
aligned = st.lists(st.tuples(*[st.sampled_from((1, 4, 4, 4))] * 2), min_size=1, max_size=4).map(
    lambda pairs: tuple(zip(*pairs, strict=True))
)
"""Pairs of shapes that mostly go together."""


def dims(shape: tuple[int, ...]) -> Dims:
    return tuple(Dim.of(size) for size in shape)


def sizes(shape: Dims) -> tuple[int | None, ...]:
    return tuple(dim.known for dim in shape)


@pytest.mark.parametrize(
    ("type", "text"),
    [
        (TensorType(Element("float"), (B, H, 2 * W)), "float[B, H, 2*W]"),
        (TensorType(Element("ids", Dim.of(10)), (B,)), "ids(10)[B]"),
        (TensorType(Element("ids", dims((7, 8))), dims((2,))), "ids([7, 8])[2]"),
        (TensorType(Element("float"), ()), "float[]"),
    ],
)
def test_types_print_as_written(type: TensorType, text: str) -> None:
    assert str(type) == text
    assert type.rank == len(type.dims)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.tuples(shapes, shapes), aligned))
def test_known_shapes_broadcast_as_in_torch(pair: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    left, right = pair
    result = broadcast(dims(left), dims(right), NOTHING)
    try:
        expected = torch.broadcast_shapes(left, right)
    except RuntimeError:
        assert isinstance(result, BroadcastFailure)
        assert result.verdict is Verdict.DIFFERENT
        assert (result.left.known, result.right.known) == (left[result.axis], right[result.axis])
    else:
        assert not isinstance(result, BroadcastFailure)
        assert sizes(result) == tuple(expected)


@settings(max_examples=400, deadline=None)
@given(shapes, shapes, st.booleans())
def test_known_shapes_multiply_as_in_torch(
    left: tuple[int, ...], right: tuple[int, ...], fit: bool
) -> None:
    if fit and left and right:
        at = len(right) - min(2, len(right))
        right = (*right[:at], left[-1], *right[at + 1 :])
    result = matmul(dims(left), dims(right), NOTHING)
    try:
        expected = (torch.ones(left) @ torch.ones(right)).shape
    except RuntimeError:
        assert isinstance(result, MatmulFailure)
    else:
        assert not isinstance(result, MatmulFailure)
        assert sizes(result) == tuple(expected)


def test_symbolic_shapes() -> None:
    assert broadcast((B, ONE, W), (H, ONE), NOTHING) == (B, H, W)
    assert broadcast((), (B,), NOTHING) == (B,)
    assert matmul((B, H, W), (W, H), NOTHING) == (B, H, H)


def test_a_size_that_might_be_one_is_not_taken_for_it() -> None:
    assert broadcast((B, H), (B, W), NOTHING) == BroadcastFailure(-1, H, W, Verdict.UNKNOWN)
    facts = Facts().with_equal(H.poly, W.poly)
    assert broadcast((B, H), (B, W), facts) == (B, H)


def test_what_differs_is_told_before_what_might() -> None:
    failure = broadcast((H, Dim.of(3)), (W, Dim.of(4)), NOTHING)
    assert isinstance(failure, BroadcastFailure)
    assert (failure.axis, failure.verdict) == (-1, Verdict.DIFFERENT)
    failure = broadcast((Dim.of(3), H), (Dim.of(4), W), NOTHING)
    assert isinstance(failure, BroadcastFailure)
    assert (failure.axis, failure.verdict) == (-2, Verdict.DIFFERENT)


def test_the_known_face_is_kept() -> None:
    facts = Facts().with_equal(H.poly, Dim.of(32).poly)
    assert broadcast((H,), (Dim.of(32),), facts) == (Dim.of(32),)


@pytest.mark.parametrize(
    ("left", "right", "category", "axis"),
    [
        ((), (H,), "rank", None),
        ((B, H), (W, B), "inner", -1),
        ((H, B, W), (B, W, H), "batch", -3),
    ],
)
def test_failed_products(left: Dims, right: Dims, category: str, axis: int | None) -> None:
    failure = matmul(left, right, NOTHING)
    assert isinstance(failure, MatmulFailure)
    assert (failure.category, failure.axis) == (category, axis)
