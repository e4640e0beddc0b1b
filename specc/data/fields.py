"""One field on its way through its transforms, all splits side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from specc.components import Ragged, Refusal, RowRefusal, Transform
from specc.components.data import Bound, listed
from specc.data.checks import check_finite, check_not_empty, check_type
from specc.data.errors import MIXED_STACK
from specc.data.plan import FieldPlan
from specc.data.rows import Column, Rows
from specc.types.tensor import TensorType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


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
        self.attributes: dict[str, int | tuple[int, ...]] = {}
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
                # The checks begin with what they are about, transforms know of no field.
                named = "" if refusal.message.startswith("`") else f"`{self.plan.name}`: "
                raise Refusal(
                    refusal.code,
                    f"{rows.where(refusal.row)}: {named}{refusal.message}",
                    help=refusal.help,
                    field=self.plan.name,
                ) from refusal
        return made

    def _check(self, check: Callable[[Column], None]) -> None:
        def checked(split: str) -> Column:
            check(self.columns[split])
            return self.columns[split]

        self._each(checked)

    def _read(self, split: str) -> Column:
        import numpy as np

        columns = [self.splits[split].taken(name) for name in self.plan.columns]
        if not self.plan.stacked:
            return columns[0]
        texts = [column.dtype == object for column in columns]
        if any(texts) and not all(texts):
            names = zip(self.plan.columns, texts, strict=True)
            of_text = [name for name, text in names if text]
            raise Refusal(
                MIXED_STACK,
                f"`{self.plan.name}` stacks text ({listed(of_text)}) with numbers",
                help="make a field of each kind",
                field=self.plan.name,
            )
        return np.stack(columns, axis=-1)

    def _transform(self, transform: Transform, bound: Bound) -> Bound:
        columns = self.columns
        train = columns["train"]
        if isinstance(train, Ragged) and not transform.takes_ragged:
            train = train.values
        if transform.per_column and not self.plan.stacked:
            train = train.reshape(-1)  # the entries of one column have one state together
        state = transform.fit(train, bound)
        self.columns = self._each(lambda split: applied(transform, columns[split], state))
        self.states.append(state)
        for name in transform.attributes:
            value = state[name]
            self.attributes[name] = value if isinstance(value, int) else tuple(value)
        return transform.bound(state, bound)


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
