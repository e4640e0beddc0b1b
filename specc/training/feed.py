"""Batches from tensors that lie in memory, gathered many at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

BLOCK_BYTES = 4 << 20
"""Batches are gathered in blocks of about this size and then cut apart, which costs a view each."""


def epoch_order(rows: int, seed: int, epoch: int) -> Tensor:
    """The order of the rows in an epoch: a function of its arguments alone."""
    generator = torch.Generator().manual_seed(mixed(seed, epoch))
    return torch.randperm(rows, generator=generator)


def mixed(seed: int, *parts: int) -> int:
    """A seed for one purpose out of the seed of the run."""
    text = ":".join(map(str, (seed, *parts)))
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def batches(
    fields: Mapping[str, Tensor], size: int, order: Tensor | None = None
) -> Iterator[dict[str, Tensor]]:
    """The rows in ``order`` (default: all, as they stand), ``size`` at a time, the rest at the end.

    Batches are copies: what a model does to them in place does not reach the data.
    """
    tensors = list(fields.values())
    rows = len(tensors[0]) if order is None else len(order)
    row_bytes = sum(t[:1].numel() * t.element_size() for t in tensors)
    block = size * max(1, BLOCK_BYTES // max(1, row_bytes * size))
    for start in range(0, rows, block):
        if order is None:
            taken = [tensor[start : start + block].clone() for tensor in tensors]
        else:
            chosen = order[start : start + block]
            taken = [tensor.index_select(0, chosen) for tensor in tensors]
        for parts in zip(*(torch.split(tensor, size) for tensor in taken), strict=True):
            yield dict(zip(fields, parts, strict=True))
