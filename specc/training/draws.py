"""Random numbers that belong to rows.

What is drawn for a row is a function of its key and of the number of the draw, and of nothing else:
not of the batch that the row is in, nor of its place there, nor of how many processes there are. A
generator could not promise that; these numbers are counted, not generated in turn (SplitMix64, as
in Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014), for all rows of a
batch at a time, and on the device that the keys are on.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from specc.components import Augmentation, Streamed
from specc.training.contract import AugmentPlan, Fields

_ROUNDS = 12
"""Candidates for one gamma number; each is taken in 95 of 100 cases or more."""


def row_keys(rows: Tensor, seed: int, epoch: int, application: int = 0) -> Tensor:
    """The keys of rows (``int64[B]``, their numbers in the data) in an epoch.

    ``application`` tells apart the augmentations that one row goes through.
    """
    text = f"{seed}:{epoch}:{application}"
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return _mixed(rows + int.from_bytes(digest, "big", signed=True))


class RowDraws:
    """Numbers for the rows of a batch, as `specc.components.Draws` says."""

    def __init__(self, keys: Tensor) -> None:
        self.keys = keys
        self._drawn = 0

    def __len__(self) -> int:
        return len(self.keys)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> Tensor:
        """``float32[B]``, at least ``low`` and below ``high``."""
        return (low + (high - low) * self._fractions(1)[:, 0]).float()

    def normal(self, *shape: int) -> Tensor:
        """``float32[B, ...]`` of the normal distribution."""
        return self._normal(math.prod(shape)).float().reshape(-1, *shape)

    def chance(self, probability: float) -> Tensor:
        """``bool[B]``, true with this probability."""
        return self._fractions(1)[:, 0] < probability

    def whole(self, count: int) -> Tensor:
        """``int64[B]``, from 0 and below ``count``."""
        return (self._fractions(1)[:, 0] * count).long()

    def beta(self, alpha: float) -> Tensor:
        """``float32[B]`` of the distribution Beta(alpha, alpha)."""
        one, other = self._log_gamma(alpha), self._log_gamma(alpha)
        return torch.sigmoid(one - other).float()

    def partners(self) -> Tensor:
        """For each row of the batch the place of another one; no two have the same.

        Only here do other rows matter: they form one ring, in a random order. A row on its own is
        its own partner.
        """
        ring = torch.argsort(self._bits(1)[:, 0])
        found = torch.empty_like(ring)
        found[ring] = ring.roll(1)
        return found

    def _log_gamma(self, shape: float) -> Tensor:
        """The logarithm of ``float64[B]`` of the distribution Gamma(shape).

        Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables" (2000), with a fixed
        number of candidates, of which the first good one is taken. It is for shapes of 1 and above;
        others follow from the one above, in logarithms since the power may be too small a number.
        """
        d = shape + 1 - 1 / 3
        normal = self._normal(_ROUNDS)
        v = (1 + normal / math.sqrt(9 * d)) ** 3
        log_v = v.clamp_min(1e-300).log()
        log_u = (1 - self._fractions(_ROUNDS)).log()
        good = (v > 0) & (log_u < 0.5 * normal**2 + d - d * v + d * log_v)
        good[:, -1] = True
        first = good.int().argmax(1, keepdim=True)
        above = log_v.gather(1, first)[:, 0] + math.log(d)
        return above + (1 - self._fractions(1)[:, 0]).log() / shape

    def _normal(self, count: int) -> Tensor:
        """``float64[B, count]`` of the normal distribution (Box and Muller)."""
        radius = (-2 * (1 - self._fractions(count)).log()).sqrt()
        return radius * (2 * math.pi * self._fractions(count)).cos()

    def _fractions(self, count: int) -> Tensor:
        """``float64[B, count]`` from 0 and below 1, all multiples of 2^-53."""
        return _shifted(self._bits(count), 11) * 2.0**-53

    def _bits(self, count: int) -> Tensor:
        """``int64[B, count]`` of 64 random bits each."""
        numbers = torch.arange(1, count + 1, device=self.keys.device) + self._drawn
        self._drawn += count
        return _mixed(self.keys.unsqueeze(1) + numbers * _signed(0x9E3779B97F4A7C15))


def _mixed(bits: Tensor) -> Tensor:
    """The output function of SplitMix64. Products wrap around, as they are meant to."""
    bits = (bits ^ _shifted(bits, 30)) * _signed(0xBF58476D1CE4E5B9)
    bits = (bits ^ _shifted(bits, 27)) * _signed(0x94D049BB133111EB)
    return bits ^ _shifted(bits, 31)


def _shifted(bits: Tensor, places: int) -> Tensor:
    """To the right, zeros from the left: torch shifts the sign in."""
    return (bits >> places) & ((1 << (64 - places)) - 1)


def _signed(word: int) -> int:
    """64 bits as torch's integers have them."""
    return word - (1 << 64) if word >> 63 else word


def augmented(
    batch: Mapping[str, Tensor],
    augments: Sequence[AugmentPlan],
    rows: Tensor,
    seed: int,
    epoch: int,
) -> dict[str, Tensor]:
    """A batch of training rows, augmented in the order of the spec; ``rows`` are their numbers."""
    found = dict(batch)
    for number, augment in enumerate(augments):
        draws = RowDraws(row_keys(rows, seed, epoch, number))
        tensors = [found[name] for name in augment.fields]
        found.update(zip(augment.fields, augment.component.apply(tensors, draws), strict=True))
    return found


AT_ONCE = 1024
"""Rows that are changed at once where all of them are."""


def drawn_once(fields: Fields, augments: Sequence[AugmentPlan], seed: int) -> dict[str, Any]:
    """Fields of a split that is not trained on, with what is random in them everywhere.

    It is drawn as in an epoch before the first: what is judged is the same after every epoch.
    """
    found: dict[str, Any] = dict(fields)
    for number, augment in enumerate(augments):
        (name, *more) = augment.fields
        if not augment.everywhere or name not in found:
            continue
        assert not more, "a field is made of its own columns"
        change = partial(_changed, augment.component, number, seed)
        column = found[name]
        if isinstance(column, Streamed):
            found[name] = replace(column, then=_after(column.then, change))
            continue
        rows = torch.arange(len(column))
        parts = zip(torch.split(column, AT_ONCE), torch.split(rows, AT_ONCE), strict=True)
        found[name] = torch.cat([change(part, numbers) for part, numbers in parts])
    return found


def _changed(component: Augmentation, number: int, seed: int, values: Tensor, rows: Tensor) -> Any:
    return component.apply([values], RowDraws(row_keys(rows, seed, 0, number)))[0]


def _after(
    first: Callable[[Tensor, Tensor], Tensor] | None, change: Callable[[Tensor, Tensor], Tensor]
) -> Callable[[Tensor, Tensor], Tensor]:
    """One change of rows after another."""
    if first is None:
        return change
    return lambda values, rows: change(first(values, rows), rows)
