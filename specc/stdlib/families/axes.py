"""Axes that a component names, and what a refinement is worth once values were moved."""

from __future__ import annotations

from collections.abc import Mapping

from specc.components import Refusal
from specc.components.errors import BAD_KIND, BAD_SETTING
from specc.stdlib.families.sizes import axis_of
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType


def axes_of(
    type: TensorType, dim: int | tuple[int, ...] | None, *, field: str = "dim"
) -> tuple[int, ...]:
    """Axes counted from 0, in the order given; ``None`` means all. Each may be named once."""
    if dim is None:
        return tuple(range(type.rank))
    named = dim if isinstance(dim, tuple) else (dim,)
    axes = tuple(axis_of(type, axis, field=field) for axis in named)
    twice = next((axis for i, axis in enumerate(axes) if axis in axes[:i]), None)
    if twice is not None:
        raise Refusal(BAD_SETTING, f"axis {twice} is named twice", field=field)
    return axes


def mixed(element: Element) -> Element:
    """The element after the entries of the last dim were moved.

    ``ids([7, 8])`` bounds each entry by its place, so that only the largest bound remains.
    """
    if not isinstance(element.bound, tuple):
        return element
    known = [bound.known for bound in element.bound]
    if not known or None in known:
        return element.plain
    largest = max(element.bound, key=lambda bound: bound.known or 0)
    return Element(element.name, largest)


def joined(types: Mapping[str, TensorType], *, mix: bool) -> Element:
    """The element of several tensors side by side; refused where their kinds differ.

    It is what all of them are, refinement included; of ids, with the largest count. ``mix`` says
    that entries of the last dim change their places.
    """
    first, *others = (mixed(t.element) if mix else t.element for t in types.values())
    for name, type in types.items():
        if type.element.base != first.base:
            raise Refusal(
                BAD_KIND,
                f"tensors of different kinds cannot be joined: {first} and {type.element}",
                help="to_float makes floats of masks, one_hot of ids",
                tensor=name,
            )
    if all(other == first for other in others):
        return first
    bounds = tuple(e.bound for e in (first, *others) if isinstance(e.bound, Dim))
    if first.name == "ids" and len(bounds) == len(types):
        return mixed(Element("ids", bounds))
    return first.plain
