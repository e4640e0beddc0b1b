"""What is computed of a batch: all of it, or the slice of a rank, in parts.

The batches are those of one process; each rank takes its slice of every one of them. The slices of
a batch differ by one row at most. The last batch of an epoch may leave ranks without any row: these
go through it with one that counts for nothing, as all ranks have to meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from specc.training.feed import Columns, batches
from specc.training.ranks import Ranks


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are computed at once. ``rows`` of them count, all or none; ``total`` are those of
    the whole batch, on all ranks and in all parts; ``world`` is the number of ranks."""

    fields: Mapping[str, Tensor]
    rows: int
    total: int
    world: int = 1

    @property
    def weight(self) -> float:
        """What its mean adds to that of the whole batch, where ranks are averaged."""
        return self.rows / self.total * self.world

    def parts(self, count: int) -> list[Batch]:
        """So many parts of nearly equal size, or as many as the largest slice has rows: every rank
        has the same number."""
        count = min(count, -(-self.total // self.world))
        if count == 1:
            return [self]
        pieces = {name: tensor.tensor_split(count) for name, tensor in self.fields.items()}
        found = []
        for values in zip(*pieces.values(), strict=True):
            rows = len(values[0])
            fields = dict(zip(pieces, values, strict=True))
            if not rows:
                fields = {name: tensor[:1] for name, tensor in self.fields.items()}
            found.append(Batch(fields, rows if self.rows else 0, self.total, self.world))
        return found


def sliced(
    columns: Columns, size: int, ranks: Ranks, order: Tensor | None = None
) -> Iterator[tuple[Batch, Tensor | None]]:
    """The rows in ``order`` (default: all, as they stand), ``size`` at a time, as far as they are
    this rank's; and their numbers, where there is an order."""
    rows = count(columns) if order is None else len(order)
    own, mine = size, order
    if ranks.several:
        own = slice_of(size, ranks)[2]
        mine = own_places(torch.arange(rows) if order is None else order, size, ranks)
    first = 0
    for number, fields in enumerate(batches(columns, own, mine)):
        total = min(size, rows - number * size)
        held = count(fields)
        numbers = None if mine is None else mine[first : first + held]
        first += held
        yield Batch(fields, slice_of(total, ranks)[2], total, ranks.world), numbers


def own_places(order: Tensor, size: int, ranks: Ranks) -> Tensor:
    """What this rank computes of an order, batch after batch."""
    whole = len(order) // size * size
    start, stop, _ = slice_of(size, ranks)
    found = [order[:whole].reshape(whole // size, size)[:, start:stop].reshape(-1)]
    if rest := len(order) - whole:
        start, stop, _ = slice_of(rest, ranks)
        found.append(order[whole + start : whole + stop])
    return torch.cat(found)


def count(fields: Columns) -> int:
    """The rows of some fields."""
    return len(next(iter(fields.values())))


def slice_of(rows: int, ranks: Ranks) -> tuple[int, int, int]:
    """Where the slice of a batch of so many rows begins and ends, and how many rows count."""
    each, more = divmod(rows, ranks.world)
    start = ranks.rank * each + min(ranks.rank, more)
    own = each + (ranks.rank < more)
    return (start, start + own, own) if own else (0, 1, 0)
