"""Reads, splits, fits, applies and checks the fields of a data section."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc.components import Refusal, RowRefusal, Source, Transform
from specc.components.data import Bound, listed
from specc.components.errors_data import BAD_COLUMN, MISSING_VALUE, UNKNOWN_VALUE
from specc.data.errors import EMPTY_SPLIT, MIXED_STACK, NO_TENSOR, SPLIT_TWICE
from specc.data.plan import DataPlan, FieldPlan
from specc.types.tensor import TensorType

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    Array = NDArray[Any]

Attributes = Mapping[str, int | tuple[int, ...]]


@dataclass(frozen=True)
class Prepared:
    """The fields of each split as arrays, rows first, and what was learned on the way.

    ``splits`` is split -> field -> array, with ``train`` first. ``attributes`` is field ->
    attribute -> size (``label``, ``classes``, 10). ``fitted`` is field -> the state of each
    transform in order, as JSON: with it the same transforms can be applied to new rows.
    """

    splits: Mapping[str, Mapping[str, Array]]
    attributes: Mapping[str, Attributes]
    fitted: Mapping[str, list[dict[str, Any]]]
    _rows: Mapping[str, _Rows]

    @property
    def rows(self) -> dict[str, int]:
        """How many rows each split has."""
        return {name: rows.count for name, rows in self._rows.items()}

    def where(self, split: str, row: int) -> str:
        """The place of a row (from 0) of a split in words: ``data/x.csv:12``."""
        return self._rows[split].where(row)

    def tensors(self) -> dict[str, dict[str, torch.Tensor]]:
        """The splits as tensors on the CPU: 32-bit floats, 64-bit ints, bytes and truth values.

        Raises:
            Refusal: if a field holds text.
        """
        return {
            split: {name: _tensor(name, array) for name, array in fields.items()}
            for split, fields in self.splits.items()
        }


@dataclass(frozen=True)
class _Rows:
    """Some rows of a source; ``index`` is ``None`` where they are all of them."""

    source: Source
    root: Path
    columns: Mapping[str, Array]
    index: NDArray[np.int64] | None

    @property
    def count(self) -> int:
        if self.index is not None:
            return len(self.index)
        return len(next(iter(self.columns.values())))

    def where(self, row: int) -> str:
        at = row if self.index is None else int(self.index[row])
        return self.source.where(self.root, at)

    def taken(self, name: str) -> Array:
        column = self.columns[name]
        return column if self.index is None else column[self.index]


def prepare(plan: DataPlan, root: Path) -> Prepared:
    """Everything that a run needs of its data; paths are relative to ``root``.

    Transforms learn from the training rows alone.

    Raises:
        Refusal: if a file, a row or a value is wrong; a row is named by file and line.
    """
    rows = _split(plan, root)
    fields = {field.name: _Field(field, rows) for field in plan.fields}
    splits = {
        split: {name: field.columns[split] for name, field in fields.items()} for split in rows
    }
    attributes = {name: field.attributes for name, field in fields.items() if field.attributes}
    fitted = {name: field.states for name, field in fields.items()}
    return Prepared(splits, attributes, fitted, rows)


# --- splits ------------------------------------------------------------------------------------


def _split(plan: DataPlan, root: Path) -> dict[str, _Rows]:
    """The rows of each split, training first."""
    wanted = [column for field in plan.fields for column in field.columns]
    if plan.split is not None:
        wanted += plan.split.columns()
    columns = tuple(dict.fromkeys(wanted))
    parts = plan.source.parts()
    read = {
        name: _Rows(source, root, source.read(root, columns), None)
        for name, source in (parts or {"train": plan.source}).items()
    }
    if plan.split is not None:
        read |= _shared_out(plan, read)
    for name, rows in read.items():
        if not rows.count:
            raise Refusal(
                EMPTY_SPLIT,
                f"the split `{name}` of `{plan.name}` has no rows",
                help="give it a larger share, or leave it out",
                field="source" if plan.split is None or name in parts else "split",
            )
    order = {name: read[name] for name in ("train", "val", "test") if name in read}
    return order | read


def _shared_out(plan: DataPlan, read: Mapping[str, _Rows]) -> dict[str, _Rows]:
    """The training rows, shared out as the split says."""
    assert plan.split is not None
    whole = read["train"]
    named = {name: whole.columns[name] for name in plan.split.columns()}
    assigned = plan.split.assign(whole.count, named)
    for name in assigned:
        if name != "train" and name in read:
            raise Refusal(
                SPLIT_TWICE,
                f"`{name}` has a source of its own, and a share of the training rows",
                help=f"leave `{name}` out of the split",
                field="split",
            )
    return {
        name: _Rows(whole.source, whole.root, whole.columns, index)
        for name, index in assigned.items()
    }


# --- fields ------------------------------------------------------------------------------------


class _Field:
    """One field on its way through its transforms, all splits side by side."""

    def __init__(self, plan: FieldPlan, rows: Mapping[str, _Rows]) -> None:
        self.plan = plan
        self.rows = rows
        self.states: list[dict[str, Any]] = []
        self.attributes: dict[str, int | tuple[int, ...]] = {}
        self.columns = self._each(self._read)
        self._check_finite()
        bound: Bound = None
        for transform in plan.transforms:
            bound = self._transform(transform, bound)
        self.columns = self._each(lambda split: _settled(self.columns[split], plan.type))
        self._check_finite()
        self._check_type(plan.type)

    def _each(self, make: Callable[[str], Array]) -> dict[str, Array]:
        """An array for each split; a bad row of it is named by its place."""
        made = {}
        for split, rows in self.rows.items():
            try:
                made[split] = make(split)
            except RowRefusal as refusal:
                raise Refusal(
                    refusal.code,
                    f"{rows.where(refusal.row)}: `{self.plan.name}`: {refusal.message}",
                    help=refusal.help,
                    field=self.plan.name,
                ) from refusal
        return made

    def _read(self, split: str) -> Array:
        import numpy as np

        columns = [self.rows[split].taken(name) for name in self.plan.columns]
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
        state = transform.fit(self.columns["train"], bound)
        columns = self.columns
        self.columns = self._each(lambda split: transform.apply(columns[split], state))
        self.states.append(state)
        for name in transform.attributes:
            value = state[name]
            self.attributes[name] = value if isinstance(value, int) else tuple(value)
        return transform.bound(state, bound)

    # --- checks --------------------------------------------------------------------------------

    def _check_finite(self) -> None:
        """No NaN and no infinity; the statistics of a transform would spread one to all rows."""
        import numpy as np

        for split, column in self.columns.items():
            if column.dtype.kind != "f":
                continue
            with np.errstate(all="ignore"):
                # A sum tells most columns apart without an array of truth values.
                if np.isfinite(column.sum(dtype=np.float64)):
                    continue
            flat = ~np.isfinite(column).reshape(len(column), -1)
            wrong = np.flatnonzero(flat.any(axis=1))
            if not len(wrong):
                continue
            row = int(wrong[0])
            value = column[row].reshape(-1)[int(np.argmax(flat[row]))]
            which = self._column(int(np.argmax(flat[row])), column)
            rest = f" (and {len(wrong) - 1} more rows)" if len(wrong) > 1 else ""
            raise Refusal(
                MISSING_VALUE,
                f"{self.rows[split].where(row)}: `{which}` is {_shown(value)}{rest}",
                help="mend the row or take it out of the file",
                field=self.plan.name,
            )

    def _column(self, entry: int, column: Array) -> str:
        if self.plan.stacked and column.ndim == 2 and column.shape[1] == len(self.plan.columns):
            return self.plan.columns[entry]
        return self.plan.name

    def _check_type(self, wanted: TensorType) -> None:
        sizes = tuple(dim.known for dim in wanted.dims)
        given = self.columns["train"].shape[1:]
        same = len(sizes) == len(given) and all(
            size in (None, n) for size, n in zip(sizes, given, strict=True)
        )
        if not same:
            raise Refusal(
                BAD_COLUMN,
                f"a row of `{self.plan.name}` has the shape {list(given)}, not {wanted}",
                field=self.plan.name,
            )
        if wanted.element.name == "ids":
            self._check_ids(wanted)

    def _check_ids(self, wanted: TensorType) -> None:
        """Ids are whole numbers from 0 and below their bounds, where these are known."""
        import numpy as np

        bound = wanted.element.bound
        sizes = [d.known for d in (bound if isinstance(bound, tuple) else (bound,)) if d]
        if not sizes or None in sizes:
            return  # fitted: the transform that gave the ids has counted them
        limits = np.array(sizes, np.int64)
        for split, column in self.columns.items():
            bad = ((column < 0) | (column >= limits)).reshape(len(column), -1)
            wrong = np.flatnonzero(bad.any(axis=1))
            if len(wrong):
                row = int(wrong[0])
                value = column[row].reshape(-1)[int(np.argmax(bad[row]))]
                raise Refusal(
                    UNKNOWN_VALUE,
                    f"{self.rows[split].where(row)}: `{self.plan.name}` is {value}, "
                    f"not one of {wanted.element}",
                    help="ids count from 0; categories numbers the values that are there",
                    field=self.plan.name,
                )


def _shown(value: Any) -> str:
    return "missing or not a number" if value != value else "infinite"  # noqa: PLR0124


def _settled(column: Array, type: TensorType) -> Array:
    """The array in the width of its tensor, in one piece of memory that may be written."""
    import numpy as np

    widths = {"f": np.float32, "i": np.int64}
    wanted = widths.get(column.dtype.kind, column.dtype)
    if type.element.name == "ids":
        wanted = np.int64  # labels may be bytes in their file
    with np.errstate(over="ignore"):  # the next check names what became infinite
        settled = np.ascontiguousarray(column, wanted)
    return settled if settled.flags.writeable else settled.copy()


def _tensor(name: str, array: Array) -> torch.Tensor:
    import torch

    if array.dtype == object:
        raise Refusal(
            NO_TENSOR,
            f"`{name}` holds text, which is no tensor",
            help="categories makes ids of it",
            field=name,
        )
    return torch.from_numpy(array)
