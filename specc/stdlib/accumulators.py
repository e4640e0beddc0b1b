"""Metrics at run time: torchmetrics, fed with what the types say that it is given.

torchmetrics guesses from each batch whether it holds probabilities; here that is known.
"""

from __future__ import annotations

import importlib
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


class Classified:
    """A classification metric.

    ``metric`` names the class of `torchmetrics.classification`. ``scores`` is what the first tensor
    is: ``logits``, ``probs``, ``log_probs`` or ``ids`` (classes already chosen). Where there are
    scores for several classes, they are along ``dim``; ``dim=None`` means one score for the second
    of two classes. ``curve`` is true where the metric wants probabilities rather than an order.
    """

    def __init__(
        self, metric: str, scores: str, dim: int | None, curve: bool = False, **settings: Any
    ) -> None:
        module = importlib.import_module("torchmetrics.classification")
        self.metric = getattr(module, metric)(validate_args=False, **settings)
        self.scores = scores
        self.dim = dim
        self.curve = curve

    def update(self, scores: Tensor, target: Tensor, mask: Tensor | None = None) -> None:
        if target.is_floating_point():
            target = target > 0.5
        if self.dim is not None and self.scores != "ids":
            scores = scores.movedim(self.dim, 1)
        if mask is not None:
            scores, target = _where(mask, scores, target)
        self.metric.update(self._known(scores), target.long())

    def _known(self, scores: Tensor) -> Tensor:
        if self.scores == "ids":
            return scores
        scores = scores.float()
        if self.dim is None:  # one score: a threshold of one half is meant for probabilities
            if self.scores == "logits":
                return scores.sigmoid()
            return scores.exp() if self.scores == "log_probs" else scores
        if self.curve and self.scores == "logits":
            return scores.softmax(1)
        return scores.exp() if self.curve and self.scores == "log_probs" else scores

    def compute(self) -> Tensor:
        value: Tensor = self.metric.compute()
        return value

    def reset(self) -> None:
        self.metric.reset()

    def to(self, device: torch.device) -> Classified:
        self.metric.to(device)
        return self


class Regressed:
    """A regression metric of torchmetrics over all values, whatever their shape."""

    def __init__(self, metric: str, **settings: Any) -> None:
        module = importlib.import_module("torchmetrics.regression")
        self.metric = getattr(module, metric)(**settings)

    def update(self, predicted: Tensor, target: Tensor, mask: Tensor | None = None) -> None:
        if mask is not None:
            predicted, target = predicted[mask], target[mask]
        self.metric.update(predicted.float().reshape(-1), target.float().reshape(-1))

    def compute(self) -> Tensor:
        value: Tensor = self.metric.compute()
        return value

    def reset(self) -> None:
        self.metric.reset()

    def to(self, device: torch.device) -> Regressed:
        self.metric.to(device)
        return self


class Perplexity:
    """The exponential of the mean cross entropy.

    torchmetrics takes the logarithm of a softmax, which is infinite for a class that is very
    unlikely; `log_softmax` is not.
    """

    def __init__(self, scores: str, dim: int, ignore_index: int | None = None) -> None:
        aggregation = importlib.import_module("torchmetrics.aggregation")
        self.scores = scores
        self.dim = dim
        self.ignore_index = -100 if ignore_index is None else ignore_index
        self.total = aggregation.SumMetric(nan_strategy="disable").set_dtype(torch.float64)
        self.count = aggregation.SumMetric(nan_strategy="disable").set_dtype(torch.float64)

    def update(self, scores: Tensor, target: Tensor, mask: Tensor | None = None) -> None:
        scores = scores.movedim(self.dim, 1).float()
        if mask is not None:
            scores, target = _where(mask, scores, target)
        score = F.cross_entropy if self.scores == "logits" else F.nll_loss
        lost = score(scores, target, ignore_index=self.ignore_index, reduction="sum")
        self.total.update(lost.double())
        self.count.update((target != self.ignore_index).sum().double())

    def compute(self) -> Tensor:
        value: Tensor = (self.total.compute() / self.count.compute()).exp()
        return value

    def reset(self) -> None:
        self.total.reset()
        self.count.reset()

    def to(self, device: torch.device) -> Perplexity:
        self.total.to(device)
        self.count.to(device)
        return self


def _where(mask: Tensor, scores: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The places where the mask is true; classes, where there are some, are and stay at dim 1."""
    if scores.ndim == target.ndim:
        return scores[mask], target[mask]
    chosen = scores.movedim(1, -1)[mask]
    return chosen.movedim(-1, 1), target[mask]
