"""Tensors that are set side by side."""

from __future__ import annotations

from collections.abc import Mapping

from specc.components import Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.types.poly import Verdict
from specc.types.tensor import TensorType


def must_align(site: Site, types: Mapping[str, TensorType], *, apart: int | None) -> None:
    """Refuse tensors whose sizes differ on an axis other than ``apart``; names the odd one."""
    (_, first), *others = types.items()
    for name, other in others:
        if other.rank != first.rank:
            raise Refusal(
                BAD_SHAPE,
                f"{first} and {other} have different numbers of axes",
                tensor=name,
            )
        for axis, (one, two) in enumerate(zip(first.dims, other.dims, strict=True)):
            if axis == apart:
                continue
            verdict = site.facts.compare(one.poly, two.poly)
            if verdict is Verdict.EQUAL:
                continue
            known = "differ" if verdict is Verdict.DIFFERENT else "are not known to agree"
            raise Refusal(
                BAD_SHAPE,
                f"{first} and {other} {known} on axis {axis}: {one} against {two}",
                help="only the axis that they are joined along may differ"
                if apart is not None
                else None,
                tensor=name,
            )
