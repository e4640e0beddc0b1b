"""One body from several runs of it: the iterations of a loop, or the variants of a model.

Runs of the same statements differ in the branches they took and in nothing else, where one piece
of code serves them all. Where they do differ, `Unmergeable` says so.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from specc.ir import expr as ir
from specc.ir import program as steps
from specc.types.terms import Ref

ANY = Ref("_")
"""A size that differs between the runs, in the type that a comment shows."""


class Unmergeable(Exception):
    """Two runs cannot be one piece of code."""


def merge_steps(
    one: tuple[steps.Step, ...], other: tuple[steps.Step, ...]
) -> tuple[steps.Step, ...]:
    """The steps that serve both runs; raises `Unmergeable`."""
    if one == other:
        return one
    if len(one) != len(other):
        raise Unmergeable("different numbers of steps")
    return tuple(_merge_step(a, b) for a, b in zip(one, other, strict=True))


def _merge_step(one: steps.Step, other: steps.Step) -> steps.Step:
    if one == other:
        return one
    match one, other:
        case steps.Let(), steps.Let() if one.targets == other.targets:
            return replace(
                one,
                value=merge_exprs(one.value, other.value),
                types=merge_types(one.types, other.types),
            )
        case steps.Decide(), steps.Decide() if one.condition == other.condition:
            return replace(
                one,
                then=_merge_sides(one.then, other.then),
                otherwise=_merge_sides(one.otherwise, other.otherwise),
            )
        case steps.Loop(), steps.Loop():
            return _merge_loops(one, other)
        case steps.Scan(), steps.Scan() if one.targets == other.targets:
            if (one.state, one.stacked) != (other.state, other.stacked):
                raise Unmergeable("different states are scanned")
            return replace(
                one,
                sequences=merge_exprs(one.sequences, other.sequences),
                body=merge_steps(one.body, other.body),
            )
        case steps.NameDims(), steps.NameDims() if one.tensor == other.tensor:
            if [axis[:2] for axis in one.axes] != [axis[:2] for axis in other.axes]:
                raise Unmergeable("different axes are named")
            axes = tuple(
                (name, axis, term if term == theirs[2] else ANY)
                for (name, axis, term), theirs in zip(one.axes, other.axes, strict=True)
            )
            return replace(one, axes=axes, rank=max(one.rank, other.rank))
        case _:
            raise Unmergeable("different steps")


def _merge_sides(
    one: tuple[steps.Step, ...] | None, other: tuple[steps.Step, ...] | None
) -> tuple[steps.Step, ...] | None:
    if one is None or other is None:
        return other if one is None else one
    return merge_steps(one, other)


def _merge_loops(one: steps.Loop, other: steps.Loop) -> steps.Loop:
    if (one.targets, one.iterable, one.repeats, one.index) != (
        other.targets,
        other.iterable,
        other.repeats,
        other.index,
    ):
        raise Unmergeable("different loops")
    if not one.iterations or not other.iterations:
        return one if one.iterations else other
    if one.carried != other.carried:
        raise Unmergeable("different sizes are carried")
    return replace(
        one,
        iterations=max(one.iterations, other.iterations),
        body=merge_steps(one.body, other.body),
    )


def merge_types(
    one: tuple[steps.ShownType, ...], other: tuple[steps.ShownType, ...]
) -> tuple[steps.ShownType, ...]:
    """Types for the comment: sizes that differ become ``_``; no comment where ranks differ."""
    merged = []
    for a, b in zip(one, other, strict=False):
        if a.element.split("(")[0] != b.element.split("(")[0] or len(a.dims) != len(b.dims):
            return ()
        dims = tuple(x if x == y else ANY for x, y in zip(a.dims, b.dims, strict=True))
        merged.append(replace(a, dims=dims))
    return tuple(merged)


def merge_exprs(one: Any, other: Any) -> Any:
    """One expression for both runs; raises `Unmergeable`."""
    if one == other:
        return one
    if isinstance(one, ir.Choose) and isinstance(other, ir.Choose):
        if one.condition != other.condition:
            raise Unmergeable("different conditions")
        return ir.Choose(
            one.condition,
            _merge_optional(one.then, other.then),
            _merge_optional(one.otherwise, other.otherwise),
        )
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return tuple(merge_exprs(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, Struct) and type(one) is type(other) and type(one).__module__ == ir.__name__:
        parts = {
            name: merge_exprs(getattr(one, name), getattr(other, name))
            for name in one.__struct_fields__
        }
        return type(one)(**parts)
    raise Unmergeable("different expressions")


def _merge_optional(one: ir.Expr | None, other: ir.Expr | None) -> ir.Expr | None:
    if one is None or other is None:
        return other if one is None else one
    merged: ir.Expr = merge_exprs(one, other)
    return merged
