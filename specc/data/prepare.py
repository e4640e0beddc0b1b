"""Reads, splits, fits, applies and checks the fields of a data section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc.components import Ragged, Refusal, Streamed
from specc.components.ragged import is_ragged
from specc.data.errors import NO_TENSOR
from specc.data.fields import BadRows, Field, Size
from specc.data.memory import Holding, holding
from specc.data.plan import DataPlan, FieldPlan
from specc.data.rows import Column, Rows, check_not_empty, read_splits, weights_of
from specc.data.streaming import Fitted, Stream, check_lengths

if TYPE_CHECKING:
    import torch

Attributes = Mapping[str, Size]

MOST_PASSES = 1000
"""So many times rows are skipped and everything is fitted anew, before it is an error after all."""


@dataclass(frozen=True)
class Prepared:
    """The fields of each split, and what was learned on the way.

    ``splits`` is split -> field -> array, rows first, with ``train`` first; where the rows are
    streamed it is empty, and ``streams`` make them. ``attributes`` is field -> attribute -> size
    (``label``, ``classes``, 10). ``weights`` (``float64``) say how often each training row is
    drawn; ``None`` where each comes once an epoch. ``fitted`` is field -> the state of each
    transform in order, as JSON: with it the same transforms can be applied to new rows.
    """

    splits: Mapping[str, Mapping[str, Column]]
    attributes: Mapping[str, Attributes]
    fitted: Mapping[str, list[dict[str, Any]]]
    holding: Holding
    streams: Mapping[str, Stream]
    weights: torch.Tensor | None
    _rows: Mapping[str, Rows]
    _fields: tuple[FieldPlan, ...]

    @property
    def rows(self) -> dict[str, int]:
        """How many rows each split has."""
        return {name: rows.count for name, rows in self._rows.items()}

    @property
    def skipped(self) -> dict[str, int]:
        """How many bad rows were left out, in splits where there are any."""
        return {name: rows.skipped for name, rows in self._rows.items() if rows.skipped}

    def where(self, split: str, row: int) -> str:
        """The place of a row (from 0) of a split in words: ``data/x.csv:12``."""
        return self._rows[split].where(row)

    def raw(self, split: str, row: int) -> dict[str, Any]:
        """The fields of a row before any transform; one of several columns is an array of them."""
        import numpy as np

        found = {}
        for field in self._fields:
            values = [self._rows[split].value(name, row) for name in field.columns]
            found[field.name] = np.stack(values) if field.stacked else values[0]
        return found

    def tensors(self) -> dict[str, dict[str, torch.Tensor | Ragged | Streamed]]:
        """The splits as tensors on the CPU: 32-bit floats, 64-bit ints, bytes and truth values.

        Raises:
            Refusal: if a field holds text.
        """
        offsets: dict[int, torch.Tensor] = {}
        found: dict[str, dict[str, torch.Tensor | Ragged | Streamed]] = {
            split: {name: _tensor(name, column, offsets) for name, column in fields.items()}
            for split, fields in self.splits.items()
        }
        for split, stream in self.streams.items():
            found[split] = {
                name: _streamed(plan, stream, self.rows[split])
                for name, plan in stream.plans.items()
            }
        return found


def prepare(plan: DataPlan, root: Path, resident: bool | None = None) -> Prepared:
    """Everything that a run needs of its data; paths are relative to ``root``.

    Transforms learn from the training rows alone. ``resident`` says whether the prepared rows are
    to be in memory; by default they are where they are sure to fit. The values are the same bits.

    Raises:
        Refusal: if a file, a row or a value is wrong; a row is named by file and line.
    """
    splits = read_splits(plan, root)
    check_not_empty(plan, splits)
    held = holding(plan, splits, resident)
    for _ in range(MOST_PASSES):
        check_not_empty(plan, splits)
        try:
            return (_in_memory if held.resident else _streaming)(plan, splits, held)
        except BadRows as bad:
            splits[bad.split] = splits[bad.split].without(bad.refusal.rows)
            last = bad.refusal
    raise last


def _in_memory(plan: DataPlan, splits: Mapping[str, Rows], held: Holding) -> Prepared:
    fields = {field.name: Field(field, splits) for field in plan.fields}
    _share_lengths(plan, fields, splits)
    columns = {
        split: {name: field.columns[split] for name, field in fields.items()} for split in splits
    }
    attributes = {name: field.attributes for name, field in fields.items() if field.attributes}
    fitted = {name: field.states for name, field in fields.items()}
    return Prepared(
        columns, attributes, fitted, held, {}, _weights(splits), dict(splits), plan.fields
    )


def _streaming(plan: DataPlan, splits: Mapping[str, Rows], held: Holding) -> Prepared:
    fitted = Fitted(plan.fields, splits)
    streams = {name: Stream(plan.fields, fitted.states, rows) for name, rows in splits.items()}
    attributes = {name: sizes for name, sizes in fitted.attributes.items() if sizes}
    return Prepared(
        {}, attributes, fitted.states, held, streams, _weights(splits), dict(splits), plan.fields
    )


def _weights(splits: Mapping[str, Rows]) -> torch.Tensor | None:
    import torch

    found = weights_of(splits)
    return None if found is None else torch.from_numpy(found)


def _share_lengths(plan: DataPlan, fields: Mapping[str, Field], splits: Mapping[str, Rows]) -> None:
    """Let fields with a ragged size of one name have one array of offsets, so that a batch is laid
    out once for all; refuse them if their rows differ in length."""
    firsts: dict[str, FieldPlan] = {}
    for field in plan.fields:
        if not field.type.dims or not is_ragged(field.type.dims[0]):
            continue
        first = firsts.setdefault(str(field.type.dims[0]), field)
        for split, rows in splits.items():
            one, other = fields[first.name].columns[split], fields[field.name].columns[split]
            check_lengths(first, one.lengths, field, other.lengths, rows)
            fields[field.name].columns[split] = Ragged(other.values, one.offsets)


def _streamed(plan: FieldPlan, stream: Stream, rows: int) -> Streamed:
    if plan.type.element.base == "str":
        raise _no_tensor(plan.name)
    return Streamed(stream, plan.name, rows)


def _tensor(name: str, column: Column, offsets: dict[int, torch.Tensor]) -> torch.Tensor | Ragged:
    import torch

    if column.dtype == object:
        raise _no_tensor(name)
    if isinstance(column, Ragged):
        shared = offsets.setdefault(id(column.offsets), torch.from_numpy(column.offsets))
        return Ragged(torch.from_numpy(column.values), shared)
    return torch.from_numpy(column)


def _no_tensor(name: str) -> Refusal:
    return Refusal(
        NO_TENSOR,
        f"`{name}` holds text, which is no tensor",
        help="categories makes ids of it",
        field=name,
    )
