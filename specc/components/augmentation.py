"""Components that change training rows at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from specc.components.base import Outputs, TensorComponent
from specc.components.site import Site

Tensor = Any
"""A `torch.Tensor`; this package does not import torch."""


class Draws(Protocol):
    """Random numbers for the rows of a batch, each drawn once.

    What is drawn for a row is a function of the run's seed, the epoch, the number of the row and
    that of the draw, and of nothing else.
    """

    def __len__(self) -> int: ...
    def uniform(self, low: float = 0.0, high: float = 1.0) -> Tensor:
        """``float32[B]``, at least ``low`` and below ``high``."""

    def normal(self, *shape: int) -> Tensor:
        """``float32[B, ...]`` of the normal distribution, so many for each row."""

    def chance(self, probability: float) -> Tensor:
        """``bool[B]``, true with this probability."""

    def whole(self, count: int) -> Tensor:
        """``int64[B]``, from 0 and below ``count``."""

    def beta(self, alpha: float) -> Tensor:
        """``float32[B]`` of the distribution Beta(alpha, alpha)."""

    def partners(self) -> Tensor:
        """For each row of the batch the place of another one; no two have the same."""


class Augmentation(TensorComponent):
    """Changes a batch of training rows at random: ``augment image = image |> horizontal_flip``.

    Several fields are changed alike, with the same draws: ``augment image, mask = (image, mask) |>
    horizontal_flip``. Types stay as they are; a component that does not take every type says so in
    `infer`.
    """

    kind: ClassVar[str] = "augmentation"
    stands: ClassVar[str] = "`augment field = field |> {}` in a `data` section"
    signature: ClassVar[str] = "any[...] -> any[...]"
    many_inputs: ClassVar[bool] = True

    mixes_rows: ClassVar[bool] = False
    """True where a row takes something of another row of its batch."""

    def infer(self, site: Site) -> Outputs:
        return tuple(site.inputs.values())

    def apply(self, tensors: Sequence[Tensor], draws: Draws) -> list[Tensor]:
        """The tensors (rows first) augmented; those given are left as they are."""
        raise NotImplementedError(f"{type(self).__name__}.apply")
