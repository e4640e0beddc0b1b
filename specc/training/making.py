"""Streamed columns on their way to tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from specc.components import Ragged, Streamed
from specc.components.table import Chosen, Maker

PASS_BYTES = 16 << 20
"""Passes over all rows have about so much of them in memory."""


def made(columns: Mapping[str, Streamed], rows: Chosen) -> dict[str, Tensor | Ragged]:
    """Some rows of columns, on the CPU; what several of them are made of is made once."""
    makers: dict[int, tuple[Maker, list[str]]] = {}
    for column in columns.values():
        _, names = makers.setdefault(id(column.maker), (column.maker, []))
        if column.name not in names:
            names.append(column.name)
    found = {key: _tensors(maker.make(names, rows)) for key, (maker, names) in makers.items()}
    return {
        name: _part(found[id(column.maker)][column.name], column, rows)
        for name, column in columns.items()
    }


def passing(column: Streamed) -> Any:
    """All rows of a column, some at a time."""
    size = max(1, PASS_BYTES // row_bytes({"": column}))
    for start in range(0, len(column), size):
        yield made({"": column}, slice(start, min(start + size, len(column))))[""]


def row_bytes(columns: Mapping[str, Streamed]) -> int:
    """What the first row of columns takes, at least 1."""
    sizes = [
        (values := column.values if isinstance(column, Ragged) else column).numel()
        * values.element_size()
        for column in made(columns, slice(0, 1)).values()
    ]
    return max(1, sum(sizes))


def streamed_lengths(column: Streamed) -> Tensor | None:
    """How long each row is, by a pass over all of them; ``None`` if they are of one size."""
    found = []
    for part in passing(column):
        if not isinstance(part, Ragged):
            return None
        found.append(part.lengths)
    return torch.cat(found)


def _tensors(columns: Mapping[str, Any]) -> dict[str, Tensor | Ragged]:
    offsets: dict[int, Tensor] = {}
    found: dict[str, Tensor | Ragged] = {}
    for name, column in columns.items():
        if isinstance(column, Ragged):
            shared = offsets.setdefault(id(column.offsets), torch.from_numpy(column.offsets))
            found[name] = Ragged(torch.from_numpy(column.values), shared)
        else:
            found[name] = torch.from_numpy(column)
    return found


def _part(made: Tensor | Ragged, column: Streamed, rows: Chosen) -> Tensor | Ragged:
    if column.part == "values":
        if column.then is None:
            return made
        chosen = torch.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows
        changed: Tensor = column.then(made, torch.as_tensor(chosen))
        return changed
    assert isinstance(made, Ragged)
    # A mask is as long as the row, and true all along it; padding makes the rest false.
    return made.lengths if column.part == "lengths" else made.where_values()
