"""One field on its way through its transforms, all splits side by side, in memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from specc.components import Ragged, Refusal, RowRefusal, Transform
from specc.components.data import Bound, listed
from specc.components.table import Chosen
from specc.data.checks import check_finite, check_not_empty, check_type
from specc.data.errors import MIXED_STACK
from specc.data.plan import FieldPlan
from specc.data.rows import ALL, Column, Rows
from specc.types.tensor import TensorType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


PART_ROWS = 1 << 16
PART_VALUES = 1 << 22

Size = int | tuple[int, ...]


class BadRows(Exception):
    """Rows of a split that are to be left out; ``refusal`` says why."""

    def __init__(self, split: str, refusal: RowRefusal) -> None:
        super().__init__(split)
        self.split = split
        self.refusal = refusal


class Field:
    """The columns of a field in each split, fitted on the training rows.

    Raises:
        Refusal: if a value is wrong; its row is named by file and line.
        BadRows: in its place where the source says that such rows are skipped.
    """

    def __init__(self, plan: FieldPlan, splits: Mapping[str, Rows]) -> None:
        self.plan = plan
        self.splits = splits
        self.states: list[dict[str, Any]] = []
        self.attributes: dict[str, Size] = {}
        self.columns = self._each(self._read)
        self._check(lambda column: check_finite(plan, column))
        bound: Bound = None
        for transform in plan.transforms:
            bound = self._transform(transform, bound)
        self._check(check_not_empty)
        self.columns = self._each(lambda split: settled(self.columns[split], plan.type))
        self._check(lambda column: check_finite(plan, column))
        self._check(lambda column: check_type(plan, column))
        lengths = [c.lengths for c in self.columns.values() if isinstance(c, Ragged)]
        if lengths:
            # Of all splits, so that what is built for these lengths meets no other.
            self.attributes.setdefault("max_length", max(int(each.max()) for each in lengths))
            self.attributes["min_length"] = min(int(each.min()) for each in lengths)

    def _each(self, make: Callable[[str], Column]) -> dict[str, Column]:
        """A column for each split; a bad row of it is named by its place."""
        made = {}
        for split, rows in self.splits.items():
            try:
                made[split] = make(split)
            except RowRefusal as refusal:
                if rows.skips:
                    raise BadRows(split, refusal) from refusal
                raise named(refusal, self.plan, rows) from refusal
        return made

    def _check(self, check: Callable[[Column], None]) -> None:
        def checked(split: str) -> Column:
            check(self.columns[split])
            return self.columns[split]

        self._each(checked)

    def _read(self, split: str) -> Column:
        return read(self.plan, self.splits[split])

    def _transform(self, transform: Transform, bound: Bound) -> Bound:
        columns = self.columns
        train = columns["train"]
        parts = (
            lesson(self.plan, transform, train[part]) for part in in_parts(len(train), [self.plan])
        )
        state = state_of(transform, parts, bound, self.splits["train"])
        self.columns = self._each(lambda split: applied(transform, columns[split], state))
        self.states.append(state)
        self.attributes |= attributes_of(transform, state)
        return transform.bound(state, bound)


def in_parts(rows: int, plans: Sequence[FieldPlan]) -> Iterator[slice]:
    """The parts that transforms learn from, whether the rows are in memory or not: a function of
    the number of rows and of their types alone. Rows with many values are fewer to a part."""
    sizes = [math.prod(dim.known or 1 for dim in plan.type.dims) for plan in plans]
    size = max(1, min(PART_ROWS, PART_VALUES // max([1, *sizes])))
    return (slice(start, min(start + size, rows)) for start in range(0, rows, size))


def lesson(plan: FieldPlan, transform: Transform, column: Column) -> Column:
    """What a transform learns from: of ragged rows all values, of what has one state all entries.

    (Each of several stacked columns may have a state of its own.)
    """
    if isinstance(column, Ragged) and not transform.takes_ragged:
        column = column.values
    return column.reshape(-1) if transform.per_column and not plan.stacked else column


def state_of(
    transform: Transform, parts: Iterable[Column], bound: Bound, rows: Rows
) -> dict[str, Any]:
    """All that a transform knows: from files of the project, and from the training rows."""
    return transform.load(rows.root) | transform.learn(parts, bound)


def attributes_of(transform: Transform, state: Mapping[str, Any]) -> dict[str, Size]:
    """The sizes that a transform has learned; those that are ``None`` are to be measured."""
    values = {name: state[name] for name in transform.attributes}
    return {n: v if isinstance(v, int) else tuple(v) for n, v in values.items() if v is not None}


def read(plan: FieldPlan, rows: Rows, chosen: Chosen = ALL) -> Column:
    """The columns of a field as the source has them, stacked where the spec says so."""
    import numpy as np

    columns = [rows.taken(name, chosen) for name in plan.columns]
    if not plan.stacked:
        return columns[0]
    texts = [column.dtype == object for column in columns]
    if any(texts) and not all(texts):
        names = zip(plan.columns, texts, strict=True)
        of_text = [name for name, text in names if text]
        raise Refusal(
            MIXED_STACK,
            f"`{plan.name}` stacks text ({listed(of_text)}) with numbers",
            help="make a field of each kind",
            field=plan.name,
        )
    return np.stack(columns, axis=-1)


def named(refusal: RowRefusal, plan: FieldPlan, rows: Rows, first: int = 0) -> Refusal:
    """The refusal of a row by its file and line; ``first`` is the row that counting began at."""
    # The checks begin with what they are about, transforms know of no field.
    about = "" if refusal.message.startswith("`") else f"`{plan.name}`: "
    return Refusal(
        refusal.code,
        f"{rows.where(first + refusal.row)}: {about}{refusal.message}",
        help=refusal.help,
        field=plan.name,
    )


def applied(transform: Transform, column: Column, state: Mapping[str, Any]) -> Column:
    """A column transformed; of ragged rows, all values at once.

    Raises:
        RowRefusal: if the value of a row has no image.
    """
    if not isinstance(column, Ragged) or transform.takes_ragged:
        return transform.apply(column, state)
    try:
        return column.with_values(transform.apply(column.values, state))
    except RowRefusal as refusal:
        raise refusal.at(column.row_of(refusal.row), map(column.row_of, refusal.rows)) from refusal


def settled(column: Column, type: TensorType) -> Column:
    """The column in the width of its tensor, in one piece of memory that may be written."""
    import numpy as np

    if isinstance(column, Ragged):
        return column.with_values(settled(column.values, type))
    widths = {"f": np.float32, "i": np.int64}
    wanted = widths.get(column.dtype.kind, column.dtype)
    if type.element.name == "ids":
        wanted = np.int64  # labels may be bytes in their file
    with np.errstate(over="ignore"):  # the next check names what became infinite
        array = np.ascontiguousarray(column, wanted)
    return array if array.flags.writeable else array.copy()
