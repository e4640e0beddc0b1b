"""Types of tensors, and the shapes of elementwise and matrix operations on them."""

from __future__ import annotations

from itertools import zip_longest

from msgspec import Struct

from specc.types.dim import Dim
from specc.types.elements import (
    Element,
    ElementFailure,
    Scalar,
    accepts,
    arithmetic,
    mismatch,
)
from specc.types.poly import Facts, Verdict
from specc.types.terms import children

__all__ = [
    "BroadcastFailure",
    "Dims",
    "Element",
    "ElementFailure",
    "MatmulFailure",
    "Scalar",
    "TensorType",
    "accepts",
    "arithmetic",
    "broadcast",
    "matmul",
    "mismatch",
    "show_dims",
]

Dims = tuple[Dim, ...]


class TensorType(Struct, frozen=True):
    """The element and the sizes of a tensor."""

    element: Element
    dims: Dims

    @property
    def rank(self) -> int:
        return len(self.dims)

    def __str__(self) -> str:
        return f"{self.element}{show_dims(self.dims)}"


def show_dims(dims: Dims) -> str:
    """A shape as types print it: ``[B, T, 2*hidden]``."""
    return f"[{', '.join(map(str, dims))}]"


# --- broadcasting ------------------------------------------------------------------------------


class BroadcastFailure(Struct, frozen=True):
    """Two sizes that meet and are not proven equal; ``axis`` counts from the end (last is -1)."""

    axis: int
    left: Dim
    right: Dim
    verdict: Verdict


def broadcast(left: Dims, right: Dims, facts: Facts) -> Dims | BroadcastFailure:
    """The common shape, as torch aligns them at their ends.

    Only sizes proven equal, or a literal 1, go together: a size that merely might be 1 would make
    the shape of the result depend on the data. Different sizes are reported before unknown ones.
    """
    dims: list[Dim] = []
    failures: list[BroadcastFailure] = []
    pairs = zip_longest(reversed(left), reversed(right))
    for axis, (one, other) in enumerate(pairs, start=1):
        common = _common(one, other, facts)
        if isinstance(common, Verdict):
            failures.append(BroadcastFailure(-axis, one, other, common))
        else:
            dims.append(common)
    if failures:
        return next((f for f in failures if f.verdict is Verdict.DIFFERENT), failures[0])
    return tuple(reversed(dims))


def _common(left: Dim | None, right: Dim | None, facts: Facts) -> Dim | Verdict:
    """The size that two aligned sizes have together, or why they have none."""
    if left is None or right is None:
        present = left or right
        assert present is not None
        return present
    if left.known == 1:
        return right
    if right.known == 1:
        return left
    verdict = facts.compare(left.poly, right.poly)
    if verdict is not Verdict.EQUAL:
        return verdict
    if left.known is None and right.known is not None:
        return right
    # H rather than 4*(H//4), where an assertion makes them equal
    simpler = not children(right.term) and bool(children(left.term)) and left.known is None
    return right if simpler else left


# --- matrix product ----------------------------------------------------------------------------


class MatmulFailure(Struct, frozen=True):
    """Why ``@`` does not apply.

    Either an operand has no dims (``rank``, then the sizes are ``None``), or the sizes that are
    summed over differ (``inner``), or the leading ones do not broadcast (``batch``; ``axis`` counts
    from the end of the whole shapes).
    """

    category: str
    axis: int | None = None
    left: Dim | None = None
    right: Dim | None = None
    verdict: Verdict = Verdict.DIFFERENT


def matmul(left: Dims, right: Dims, facts: Facts) -> Dims | MatmulFailure:
    """The shape of ``left @ right``, batched as `torch.matmul` has it."""
    if not left or not right:
        return MatmulFailure("rank")
    inner = (left[-1], right[-2] if len(right) > 1 else right[-1])
    verdict = facts.compare(inner[0].poly, inner[1].poly)
    if verdict is not Verdict.EQUAL:
        return MatmulFailure("inner", -1, *inner, verdict)
    batch = broadcast(left[:-2], right[:-2], facts)
    if isinstance(batch, BroadcastFailure):
        return MatmulFailure("batch", batch.axis - 2, batch.left, batch.right, batch.verdict)
    rows = left[-2:-1]
    columns = right[-1:] if len(right) > 1 else ()
    return batch + rows + columns
