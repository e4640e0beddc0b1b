"""Fields of rows that are never in memory together: fitted and checked in passes over parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from specc.components import Ragged, Refusal, RowRefusal, Transform
from specc.components.data import Bound
from specc.components.table import Chosen
from specc.data.checks import check_finite, check_not_empty, check_type
from specc.data.errors import LENGTHS_DIFFER
from specc.data.fields import (
    BadRows,
    Size,
    applied,
    attributes_of,
    in_parts,
    lesson,
    named,
    read,
    settled,
    state_of,
)
from specc.data.plan import FieldPlan
from specc.data.rows import Column, Rows

States = Mapping[str, Sequence[Mapping[str, Any]]]


class Stream:
    """The fields of one split, made of the rows that are asked for."""

    def __init__(self, plans: Sequence[FieldPlan], states: States, rows: Rows) -> None:
        self.plans = {plan.name: plan for plan in plans}
        self.states = states
        self.rows = rows

    def make(self, names: Sequence[str], rows: Chosen) -> dict[str, Column]:
        """The fields of some rows, as they are when all rows are prepared at once.

        Fields of equal lengths share one array of offsets, so that a batch is laid out once.
        """
        made: dict[str, Column] = {}
        offsets: dict[str, Any] = {}
        for name in names:
            plan = self.plans[name]
            column = transformed(plan, self.states[name], self.rows, rows)
            column = made[name] = settled(column, plan.type)
            if isinstance(column, Ragged):
                shared = offsets.setdefault(str(plan.type.dims[0]), column.offsets)
                made[name] = Ragged(column.values, shared)
        return made


def transformed(
    plan: FieldPlan, states: Sequence[Mapping[str, Any]], rows: Rows, chosen: Chosen
) -> Column:
    """Some rows of a field, through those of its transforms that have a state already."""
    column = read(plan, rows, chosen)
    check_finite(plan, column)
    for transform, state in zip(plan.transforms, states, strict=False):
        column = applied(transform, column, state)
    return column


class Fitted:
    """What the transforms of every field learn from the training rows, one pass for each.

    Raises:
        Refusal: if a value is wrong; its row is named by file and line.
        BadRows: in its place where the source says that such rows are skipped.
    """

    def __init__(self, plans: Sequence[FieldPlan], splits: Mapping[str, Rows]) -> None:
        self.plans = plans
        self.splits = splits
        self.states: dict[str, list[dict[str, Any]]] = {}
        self.attributes: dict[str, dict[str, Size]] = {}
        for plan in plans:
            self._fit(plan)
        for split, rows in splits.items():
            self._check(split, rows)

    def _fit(self, plan: FieldPlan) -> None:
        states = self.states[plan.name] = []
        sizes = self.attributes[plan.name] = {}
        bound: Bound = None
        for transform in plan.transforms:
            lessons = self._lessons(plan, transform, list(states))
            state = state_of(transform, lessons, bound, self.splits["train"])
            states.append(state)
            sizes |= attributes_of(transform, state)
            bound = transform.bound(state, bound)

    def _lessons(
        self, plan: FieldPlan, transform: Transform, states: list[dict[str, Any]]
    ) -> Iterator[Column]:
        """The training rows of a field on their way to one of its transforms, in parts."""
        rows = self.splits["train"]
        for part in in_parts(rows.count, [plan]):
            try:
                column = transformed(plan, states, rows, part)
            except RowRefusal as refusal:
                again = partial(transformed, plan, states, rows)
                raise self._refused(refusal, plan, "train", part.start, again) from refusal
            yield lesson(plan, transform, column)

    def _check(self, split: str, rows: Rows) -> None:
        """Everything that is asked of the rows of a split, and how long they are."""
        for part in in_parts(rows.count, self.plans):
            longest: dict[str, tuple[FieldPlan, Any]] = {}
            for plan in self.plans:
                try:
                    column = self._checked(plan, rows, part)
                except RowRefusal as refusal:
                    again = partial(self._checked, plan, rows)
                    raise self._refused(refusal, plan, split, part.start, again) from refusal
                if isinstance(column, Ragged):
                    self._measure(plan, column.lengths)
                    size = str(plan.type.dims[0])
                    first, lengths = longest.setdefault(size, (plan, column.lengths))
                    check_lengths(first, lengths, plan, column.lengths, rows, part.start)

    def _checked(self, plan: FieldPlan, rows: Rows, part: slice) -> Column:
        column = transformed(plan, self.states[plan.name], rows, part)
        check_not_empty(column)
        column = settled(column, plan.type)
        check_finite(plan, column)
        check_type(plan, column)
        return column

    def _measure(self, plan: FieldPlan, lengths: Any) -> None:
        """Keep the greatest and the least length of a ragged field, of all splits together."""
        sizes = self.attributes[plan.name]
        least, most = int(lengths.min()), int(lengths.max())
        if not any(state.get("max_length") for state in self.states[plan.name]):
            sizes["max_length"] = max(_number(sizes.get("max_length", most)), most)
        sizes["min_length"] = min(_number(sizes.get("min_length", least)), least)

    def _refused(
        self,
        refusal: RowRefusal,
        plan: FieldPlan,
        split: str,
        first: int,
        again: Callable[[slice], object],
    ) -> Refusal | BadRows:
        """What a bad row is answered with. Where such rows are skipped the parts that follow are
        looked through at once, as everything is fitted anew without them."""
        rows = self.splits[split]
        if not rows.skips:
            return named(refusal, plan, rows, first)
        bad = [first + row for row in refusal.rows]
        for part in in_parts(rows.count, self.plans):
            if part.start > first:
                try:
                    again(part)
                except RowRefusal as more:
                    bad += [part.start + row for row in more.rows]
        return BadRows(split, refusal.at(first + refusal.row, bad))


def check_lengths(
    first: FieldPlan, one: Any, plan: FieldPlan, other: Any, rows: Rows, start: int = 0
) -> None:
    """Refuse two fields with a ragged size of one name whose rows differ in length."""
    import numpy as np

    wrong = np.flatnonzero(one != other)
    if len(wrong):
        row = int(wrong[0])
        raise Refusal(
            LENGTHS_DIFFER,
            f"{rows.where(start + row)}: `{first.name}` has {one[row]} values, "
            f"`{plan.name}` has {other[row]}",
            field=plan.name,
        )


def _number(size: Size) -> int:
    assert isinstance(size, int)
    return size


SAMPLE_ROWS = 256


def row_bytes(plan: FieldPlan, rows: Rows) -> float:
    """What a prepared row of a field takes, by its type; by some first rows where that is open."""
    import numpy as np

    sizes = [dim.known for dim in plan.type.dims]
    width = {"float": 4, "int": 8}.get(plan.type.element.base, 1)
    if plan.type.element.name == "ids":
        width = 8
    if None not in sizes:
        return float(width * np.prod([size for size in sizes if size is not None]))
    numbers = np.arange(min(SAMPLE_ROWS, rows.count))
    while len(numbers):
        try:
            return _sampled(plan, rows, numbers, width) / len(numbers)
        except RowRefusal as refusal:  # said or skipped when the rows are prepared
            numbers = np.delete(numbers, refusal.rows)
    return 0.0


def _sampled(plan: FieldPlan, rows: Rows, numbers: Any, width: int) -> int:
    """The bytes of some rows, through transforms that learned from these rows alone."""
    column = read(plan, rows, numbers)
    check_finite(plan, column)
    bound: Bound = None
    for transform in plan.transforms:
        state = state_of(transform, [lesson(plan, transform, column)], bound, rows)
        bound = transform.bound(state, bound)
        column = applied(transform, column, state)
    if not isinstance(column, Ragged):
        return int(column.size) * width
    return int(column.values.size) * width + 8 * len(column)
