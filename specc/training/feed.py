"""Batches of rows, gathered many at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from specc.components import Ragged, Streamed
from specc.training.ahead import Ahead
from specc.training.making import made, row_bytes, streamed_lengths

BLOCK_BYTES = 4 << 20
"""Batches are gathered in blocks of about this size and then cut apart, which costs a view each."""

Columns = Mapping[str, Tensor | Ragged | Streamed]
"""The rows of a split by the names of their fields."""


def epoch_order(rows: int, seed: int, epoch: int, weights: Tensor | None = None) -> Tensor:
    """The order of the rows in an epoch: a function of its arguments alone.

    With ``weights`` rows are drawn, each as often as its weight has it on average.
    """
    generator = torch.Generator().manual_seed(mixed(seed, epoch))
    if weights is None:
        return torch.randperm(rows, generator=generator)
    edges = weights[:rows].cumsum(0)
    places = torch.rand(rows, dtype=torch.float64, generator=generator) * edges[-1]
    last = int(weights[:rows].nonzero()[-1])
    return torch.searchsorted(edges, places, right=True).clamp_(max=last)


def by_length(order: Tensor, lengths: Tensor, size: int, window: int) -> Tensor:
    """The order changed so that rows of about one length stand together, for less padding.

    ``window`` batches of ``size`` rows at a time are sorted by length, and the batches of each
    window are then put into an order that depends on ``order`` alone. The last batch of the epoch
    has the rows that are left over, as it would without.
    """
    found = []
    for rows in torch.split(order, size * window):
        ordered = rows[torch.argsort(lengths[rows], stable=True)]
        whole = len(ordered) // size * size
        cut = ordered[:whole].reshape(-1, size)
        # Each batch moves to where the first of its rows stood among all first rows.
        shuffled = torch.argsort(torch.argsort(rows[: len(cut)]))
        found += [cut[shuffled].reshape(-1), ordered[whole:]]
    return torch.cat(found)


def lengths(fields: Columns) -> Tensor:
    """How long each row is, by its first ragged field; 1 where there is none."""
    for column in fields.values():
        if isinstance(column, Ragged):
            return column.lengths.cpu()  # type: ignore[no-any-return]
        if isinstance(column, Streamed) and (found := streamed_lengths(column)) is not None:
            return found
    return torch.ones(len(next(iter(fields.values()))), dtype=torch.int64)


def mixed(seed: int, *parts: int) -> int:
    """A seed for one purpose out of the seed of the run."""
    text = ":".join(map(str, (seed, *parts)))
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def batches(fields: Columns, size: int, order: Tensor | None = None) -> Iterator[dict[str, Tensor]]:
    """The rows in ``order`` (default: all, as they stand), ``size`` at a time, the rest at the end.

    Ragged rows are filled up with zeros to the longest of their batch. Batches are copies: what a
    model does to them in place does not reach the data. Streamed rows are made by a thread that is
    a block of batches ahead, and are the same bits as rows in memory.
    """
    streamed = {name: c for name, c in fields.items() if isinstance(c, Streamed)}
    if streamed:
        yield from _streamed(streamed, size, order)
        return
    plain = {name: column for name, column in fields.items() if isinstance(column, Tensor)}
    ragged = {name: column for name, column in fields.items() if isinstance(column, Ragged)}
    rows = len(next(iter(fields.values()))) if order is None else len(order)
    row_bytes = sum(t[:1].numel() * t.element_size() for t in plain.values())
    block = size * max(1, BLOCK_BYTES // max(1, row_bytes * size))
    for start in range(0, rows, block):
        chosen = None if order is None else order[start : start + block]
        gathered = {
            name: tensor[start : start + block].clone()
            if chosen is None
            else tensor.index_select(0, chosen)
            for name, tensor in plain.items()
        }
        cut = [torch.split(tensor, size) for tensor in gathered.values()]
        for number in range(-(-min(block, rows - start) // size)):
            batch = {name: parts[number] for name, parts in zip(plain, cut, strict=True)}
            if ragged:
                first = number * size
                batch |= _padded(ragged, _some(chosen, start, first, min(first + size, rows)))
            yield batch


def _streamed(
    columns: Mapping[str, Streamed], size: int, order: Tensor | None
) -> Iterator[dict[str, Tensor]]:
    """Blocks of batches from a thread, moved to where they are to be while others are made."""
    first = next(iter(columns.values()))
    rows = len(first) if order is None else len(order)
    numbers = None if order is None else order.cpu().numpy()
    block = size * max(1, BLOCK_BYTES // (row_bytes(columns) * size))
    device = torch.device(first.device)

    def blocks() -> Iterator[list[dict[str, Tensor]]]:
        for start in range(0, rows, block):
            stop = min(start + block, rows)
            chosen = slice(start, stop) if numbers is None else numbers[start:stop]
            found = list(batches(made(columns, chosen), size))
            if device.type == "cuda":
                found = [{name: t.pin_memory() for name, t in each.items()} for each in found]
            yield found

    for found in Ahead(blocks()):
        for batch in found:
            yield {name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()}


def first_rows(fields: Columns, count: int) -> dict[str, Tensor]:
    """One batch of the first rows."""
    return next(batches({name: column[:count] for name, column in fields.items()}, count))


def _some(chosen: Tensor | None, start: int, first: int, stop: int) -> Tensor | slice:
    """The rows of one batch of a block that begins at ``start``."""
    return slice(start + first, start + stop) if chosen is None else chosen[first:stop]


def _padded(columns: Mapping[str, Ragged], rows: Tensor | slice) -> dict[str, Tensor]:
    """Ragged rows as tensors, zeros at their ends."""
    found = {}
    places: dict[tuple[int, int], tuple[Tensor, Tensor]] = {}
    for name, column in columns.items():
        # Fields of equal lengths share the memory of their offsets.
        key = column.offsets.data_ptr(), len(column.offsets)
        if key not in places:
            places[key] = _places(column.offsets, rows)
        index, outside = places[key]
        values = column.values[index]
        outside = outside.reshape(*outside.shape, *(1,) * (values.ndim - 2))
        found[name] = values.masked_fill_(outside, 0)
    return found


def _places(offsets: Tensor, rows: Tensor | slice) -> tuple[Tensor, Tensor]:
    """Where the values of each row lie, and which places are padding."""
    starts = offsets[:-1][rows]
    lengths = offsets[1:][rows] - starts
    steps = torch.arange(max(1, int(lengths.max())), device=offsets.device)
    outside = steps >= lengths.unsqueeze(1)
    return (starts.unsqueeze(1) + steps).masked_fill_(outside, 0), outside
