"""One case for each spec: its model, the module a person would write, and what both are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

import specc
from specc.api import Spec
from tests.specs.by_hand import images, sequences

SPECS = Path(__file__).parents[2] / "specs"


@dataclass(frozen=True)
class Case:
    """``settings`` are the model's parameters, ``sizes`` what its inputs leave open, by the names
    of the spec and of the constructor; ``inputs`` makes a batch of the given size.
    """

    spec: str
    by_hand: type[nn.Module]
    inputs: Callable[[int], tuple[Tensor, ...]]
    settings: dict[str, Any] = field(default_factory=dict)
    sizes: dict[str, tuple[str, int]] = field(default_factory=dict)

    def hand(self) -> nn.Module:
        return self.by_hand(**self._arguments())

    def compiled(self) -> nn.Module:
        sizes = {name: size for name, (_, size) in self.sizes.items()}
        return load(self.spec).model(self.by_hand.__name__, **self.settings, **sizes)

    def build(self, module: ModuleType) -> nn.Module:
        """The class of an imported source."""
        made = getattr(module, self.by_hand.__name__)(**self._arguments())
        assert isinstance(made, nn.Module)
        return made

    def _arguments(self) -> dict[str, Any]:
        return {**self.settings, **dict(self.sizes.values())}


@cache
def load(spec: str) -> Spec:
    """A spec of the folder."""
    return specc.load(SPECS / f"{spec}.nnspec")


def values(*sizes: int) -> Callable[[int], tuple[Tensor, ...]]:
    """One input of floats."""
    return lambda batch: (torch.randn(batch, *sizes),)


def ids(below: int, steps: int) -> Callable[[int], tuple[Tensor, ...]]:
    """One input of ids."""
    return lambda batch: (torch.randint(below, (batch, steps)),)


def padded(below: int, steps: int) -> Callable[[int], tuple[Tensor, ...]]:
    """Ids in rows of different lengths, and the mask that says so."""

    def inputs(batch: int) -> tuple[Tensor, ...]:
        lengths = torch.randint(1, steps + 1, (batch, 1))
        return torch.randint(below, (batch, steps)), torch.arange(steps) < lengths

    return inputs


def full(below: int, steps: int) -> Callable[[int], tuple[Tensor, ...]]:
    """Ids in rows without padding."""
    return lambda batch: (
        torch.randint(below, (batch, steps)),
        torch.ones(batch, steps, dtype=torch.bool),
    )


CASES = [
    Case(
        "linear_regression", images.LinearRegression, values(10), sizes={"F": ("in_features", 10)}
    ),
    Case("digits_mlp", images.DigitsMlp, values(64), {"hidden": 96}),
    Case("mnist_mlp", images.Mlp, values(784)),
    Case("lenet", images.LeNet, values(3, 32, 32)),
    Case("fashion_cnn", images.Cnn, values(1, 28, 28), {"drop": 0.25}),
    Case("resnet18", images.ResNet18, values(3, 32, 32)),
    Case("autoencoder", images.Autoencoder, values(784), {"code_size": 16}),
    Case("digits_gan", images.Generator, values(32), {"width": 16}, {"noise": ("noise", 32)}),
    Case("digits_distill", images.Perceptron, values(64), {"hidden": 12}),
    Case("lstm_classifier", sequences.LstmClassifier, values(12, 100)),
    Case("bilstm_tagger", sequences.BiLstmTagger, full(50, 9), {"vocabulary": 50, "tags": 7}),
    Case("sentiment_mean", sequences.SentimentMean, padded(50, 9), {"vocabulary": 50}),
    Case(
        "transformer_classifier",
        sequences.TransformerClassifier,
        padded(50, 9),
        {"vocabulary": 50, "classes": 4, "size": 32},
    ),
    Case("gpt_small", sequences.Gpt, ids(64, 16), {"vocabulary": 64, "layers": 3, "size": 32}),
]

BY_SPEC = {case.spec: case for case in CASES}
