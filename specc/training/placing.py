"""Where the rows of a split lie while a run uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from specc.components import Ragged, Streamed
from specc.components.table import Chosen
from specc.training.contract import Fields

DEVICE_SHARE = 4
"""Rows lie on the device where they take this part of its memory: the step needs the rest."""


def placed(fields: Fields, rows: int, device: torch.device, room: int | None = None) -> Fields:
    """The first rows of a split on the device, or where they are if they are too many for it.

    Rows that stay in the memory of the machine come to the device batch by batch, from pinned
    memory while the step before computes. ``room`` is what they may take on the device; by default
    that is a quarter of a GPU's memory, and all there is elsewhere.
    """
    columns = {name: column[:rows] for name, column in fields.items()}
    if room is None and device.type == "cuda":
        room = torch.cuda.get_device_properties(device).total_memory // DEVICE_SHARE
    held = {name: c for name, c in columns.items() if not isinstance(c, Streamed)}
    if room is not None and sum(map(_bytes, held.values())) > room:
        waiting = _Waiting(held)
        columns |= {name: Streamed(waiting, name, rows) for name in held}
    return {name: column.to(device) for name, column in columns.items()}


def _bytes(column: Any) -> int:
    tensors = (column.values, column.offsets) if isinstance(column, Ragged) else (column,)
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


class _Waiting:
    """Rows in memory, as if they were made when they are asked for."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self.columns = {
            name: Ragged(column.values.numpy(), column.offsets.numpy())
            if isinstance(column, Ragged)
            else column.numpy()
            for name, column in columns.items()
        }

    def make(self, names: Sequence[str], rows: Chosen) -> dict[str, Any]:
        return {name: self.columns[name][rows] for name in names}
