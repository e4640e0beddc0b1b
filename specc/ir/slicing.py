"""The part of a body that some of its results need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from specc.ir import expr as ir
from specc.ir import program as steps


def locals_in(node: Any) -> set[str]:
    """The tensors that a node reads."""
    return {part.name for part in ir.walk(node) if isinstance(part, ir.Local)}


def needed_steps(body: tuple[steps.Step, ...], wanted: Iterable[str]) -> tuple[steps.Step, ...]:
    """The steps without those that only compute tensors which nothing wanted needs.

    Plain values are kept: they cost nothing, and sizes may be written with them.
    """
    names = set(wanted)
    kept: list[steps.Step] = []
    for step in reversed(body):
        made = _assigned(step)
        if isinstance(step, steps.NameDims):
            needed = step.tensor in names
        else:
            needed = not made or bool(made & names)
        if needed:
            kept.append(step)
            names |= locals_in(step)
    return tuple(reversed(kept))


def _assigned(step: steps.Step) -> set[str]:
    match step:
        case steps.Let():
            return set(step.targets)
        case steps.Loop():
            return set().union(*map(_assigned, step.body))
        case steps.Scan():
            return set(step.state) | set(step.stacked)
        case steps.Decide():
            return set().union(*map(_assigned, (*(step.then or ()), *(step.otherwise or ()))))
        case _:
            return set()
