"""Running averages of the weights, by which a run is judged and kept instead of the weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from specc.training.weights import is_share, like, local


class Averages:
    """``average = decay * average + (1 - decay) * weight`` after every step; starts as the weights.

    Parameters that do not learn stay as they are, and so do buffers: those of batch norm are
    averages already.
    """

    def __init__(self, parameters: Mapping[str, nn.Parameter], decay: float) -> None:
        self.weights: list[Tensor] = list(parameters.values())
        self.names = list(parameters)
        self.values: list[Tensor] = [weight.detach().clone() for weight in self.weights]
        self.share = 1.0 - decay
        self.local = [local(value) for value in self.values]
        """What this rank holds of them: shares are averaged share by share."""

    @torch.no_grad()
    def update(self) -> None:
        torch._foreach_lerp_(self.local, [local(each) for each in self.weights], self.share)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model computes with the averages."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        for i, weight in enumerate(self.weights):
            if is_share(weight):  # the strategy knows it by its memory
                mine, other = local(weight.detach()), self.local[i]
                before = mine.clone()
                mine.copy_(other)
                other.copy_(before)
            else:
                weight.data, self.values[i] = self.values[i], weight.data
                self.local[i] = self.values[i]

    def state(self) -> dict[str, Any]:
        return dict(zip(self.names, self.values, strict=True))

    def load(self, state: Mapping[str, Tensor]) -> None:
        for name, value in zip(self.names, self.values, strict=True):
            value.copy_(like(state[name], value))
