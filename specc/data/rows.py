"""The rows of a source: read once, shared out to splits, bad ones left out where a spec says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc.components import Held, Ragged, Refusal, Source, Split, Table
from specc.components.errors_data import BAD_COLUMN
from specc.components.table import Chosen
from specc.data.errors import EMPTY_SPLIT, SPLIT_TWICE
from specc.data.plan import DataPlan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Numbers = NDArray[np.int64]

ALL = slice(None)

Column = Any
"""A numpy array, rows first, or a `Ragged` of two."""


@dataclass(frozen=True)
class Rows:
    """Some rows of a source.

    ``table`` holds what was read. ``index`` says which of that are meant, ``None`` for all of it;
    ``numbers`` are the numbers of what was read in the source, ``None`` where nothing was left out.
    ``skipped`` counts rows that a bad value kept out.
    """

    source: Source
    root: Path
    table: Table
    numbers: Numbers | None = None
    index: Numbers | None = None
    skipped: int = 0

    @property
    def count(self) -> int:
        return len(self.table) if self.index is None else len(self.index)

    @property
    def skips(self) -> bool:
        """Whether bad rows are left out, not reported."""
        return self.source.policy() == "skip"

    def where(self, row: int) -> str:
        """The place of a row in words."""
        at = row if self.index is None else int(self.index[row])
        return self.source.where(self.root, at if self.numbers is None else int(self.numbers[at]))

    def taken(self, name: str, rows: Chosen = ALL) -> Column:
        """A column of these rows, or of some of them."""
        return self.table.take(name, rows if self.index is None else self.index[rows])

    def chosen(self, index: Numbers, skipped: int) -> Rows:
        """Some of these rows, for a split of their own."""
        index = index if self.index is None else self.index[index]
        return replace(self, index=index, skipped=skipped)

    def value(self, name: str, row: int) -> Any:
        """One value of a column, as it was read."""
        column = self.taken(name, slice(row, row + 1))
        return column.values if isinstance(column, Ragged) else column[0]

    def without(self, rows: Sequence[int]) -> Rows:
        """All but some of these rows, which are counted as skipped."""
        import numpy as np

        index = np.arange(self.count) if self.index is None else self.index
        return replace(self, index=np.delete(index, rows), skipped=self.skipped + len(set(rows)))


def read_splits(plan: DataPlan, root: Path) -> dict[str, Rows]:
    """The rows of each split, training first.

    Raises:
        Refusal: if a file cannot be read, or a split is given twice.
    """
    wanted = [column for field in plan.fields for column in field.columns]
    if plan.split is not None:
        wanted += plan.split.columns()
    parts = plan.source.parts() or {"train": plan.source}
    if (weights := parts["train"].weights()) is not None:
        wanted.append(weights)
    columns = tuple(dict.fromkeys(wanted))
    read = {name: _read(source, root, columns) for name, source in parts.items()}
    if plan.split is not None:
        read |= _shared_out(plan, read)
    order = {name: read[name] for name in ("train", "val", "test") if name in read}
    return order | read


def check_not_empty(plan: DataPlan, splits: Mapping[str, Rows]) -> None:
    """Raise a `Refusal` for a split without rows."""
    for name, rows in splits.items():
        if not rows.count:
            skipped = f", as all {rows.skipped} were skipped" if rows.skipped else ""
            raise Refusal(
                EMPTY_SPLIT,
                f"the split `{name}` of `{plan.name}` has no rows{skipped}",
                help="give it a larger share, or leave it out"
                if rows.source.windows_of() is None
                else "windows across an edge of a split are dropped: `in_order` has few edges",
                field="source"
                if plan.split is None or name in plan.source.parts() or skipped
                else "split",
            )


def weights_of(splits: Mapping[str, Rows]) -> Any:
    """How often each training row is to be drawn (``float64``); ``None`` for once.

    Raises:
        Refusal: if a weight is missing or negative, or all are 0.
    """
    import numpy as np

    rows = splits["train"]
    name = rows.source.weights()
    if name is None:
        return None
    weights = rows.taken(name).astype(np.float64)
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(wrong) or not weights.any():
        row = int(wrong[0]) if len(wrong) else 0
        raise Refusal(
            BAD_COLUMN,
            f"{rows.where(row)}: `{name}` is {weights[row]:g}, and rows are drawn by it"
            if len(wrong)
            else f"`{name}` is 0 in all training rows, and rows are drawn by it",
            help="a weight is a number from 0 on",
            field="source",
        )
    return weights


def _read(source: Source, root: Path, columns: tuple[str, ...]) -> Rows:
    opened = source.open(root, columns)
    if opened is not None:
        table, good = opened
        return Rows(source, root, table, None, good, 0 if good is None else len(table) - len(good))
    if source.policy() == "error":
        return Rows(source, root, Held(source.read(root, columns)))
    read, numbers, skipped = source.read_good(root, columns)
    return Rows(source, root, Held(read), numbers, skipped=skipped)


def _shared_out(plan: DataPlan, read: Mapping[str, Rows]) -> dict[str, Rows]:
    """The training rows, shared out as the split says."""
    assert plan.split is not None
    whole = read["train"]
    windows = whole.source.windows_of()
    if windows is None:
        named = {name: whole.taken(name) for name in plan.split.columns()}
        assigned = plan.split.assign(whole.count, named)
    else:
        assigned = _windows_shared_out(plan.split, whole, *windows)
    for name in assigned:
        if name != "train" and name in read:
            raise Refusal(
                SPLIT_TWICE,
                f"`{name}` has a source of its own, and a share of the training rows",
                help=f"leave `{name}` out of the split",
                field="split",
            )
    return {
        name: whole.chosen(index, whole.skipped if name == "train" else 0)
        for name, index in assigned.items()
    }


def _windows_shared_out(
    split: Split, whole: Rows, inner: Source, length: int, stride: int
) -> dict[str, Numbers]:
    """The windows that lie within one split, by the splits of the rows that they are made of."""
    import numpy as np

    names = split.columns()
    if names:
        named, numbers, skipped = inner.read_good(whole.root, names)
        rows = len(next(iter(named.values())))
        numbers = np.arange(rows) if numbers is None else numbers
        total = rows + skipped
    else:
        named = {}
        windows = len(whole.table) if whole.numbers is None else int(whole.numbers[-1]) + 1
        total = (windows - 1) * stride + length
        numbers = np.arange(total)
    assigned = split.assign(len(numbers), named)
    owner = np.full(total, -1, np.int64)
    for number, index in enumerate(assigned.values()):
        owner[numbers[index]] = number
    changes = np.concatenate([[0], np.cumsum(owner[1:] != owner[:-1])])
    at = np.arange(whole.count) if whole.index is None else whole.index
    firsts = (at if whole.numbers is None else whole.numbers[at]) * stride
    within = changes[firsts] == changes[firsts + length - 1]
    return {
        name: np.flatnonzero(within & (owner[firsts] == number))
        for number, name in enumerate(assigned)
    }
