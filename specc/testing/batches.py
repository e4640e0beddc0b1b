"""Whether an augmentation of batches does what it says."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import torch
from pydantic import ValidationError
from torch import Tensor

from specc.components import Augmentation, Example, Refusal
from specc.testing.application import DoesNotMatch, typed
from specc.testing.drawing import disagreement, drawn
from specc.testing.examples import Trial, candidate_examples, chosen_sizes
from specc.testing.report import Run
from specc.types.dim import Dim
from specc.types.tensor import TensorType

ROWS = 6

CHECKS = ("types", "repeated", "rows", "untouched", "unknown_field")
"""``types``: every tensor keeps its type. ``repeated``: the same draws change a batch alike.
``rows``: a row is changed alike among whatever others, unless rows are mixed. ``untouched``: the
tensors that were given are as they were."""


def drawn_batches(cls: type[Augmentation]) -> Iterator[Example]:
    """Examples that follow from the fields and the signature."""
    for example in candidate_examples(cls):
        try:
            typed(cls, example.config, Trial(example, chosen_sizes(example, 0)).inputs(cls))
        except (ValidationError, DoesNotMatch, Refusal):
            continue
        yield example
        return


class AugmentationRun(Run):
    """The checks of an augmentation."""

    checks = CHECKS

    def __init__(self, cls: type[Augmentation], examples: tuple[Example, ...]) -> None:
        super().__init__(cls, examples)
        self.augmentation = cls

    def _trials(self, check: str) -> Iterator[tuple[Trial, Augmentation, list[Tensor]]]:
        for example in self.examples:
            for round in range(2):
                self._count(check)
                trial = Trial(example, chosen_sizes(example, round))
                tensors = list(_batch(trial.inputs(self.cls).values(), round))
                yield trial, self.augmentation(**example.config), tensors

    def _types(self) -> Iterator[str]:
        for trial, component, tensors in self._trials("types"):
            types = trial.inputs(self.cls)
            _, outputs = typed(self.cls, trial.example.config, types)
            if tuple(outputs) != tuple(types.values()):
                yield f"{trial}: it says that types change"
            found = component.apply(tensors, Numbers(range(ROWS)))
            for type, tensor in zip(types.values(), found, strict=True):
                wrong = disagreement(_of_batch(type), tensor)
                if wrong:
                    yield f"{trial}: {wrong}"

    def _repeated(self) -> Iterator[str]:
        for trial, component, tensors in self._trials("repeated"):
            one, other = (component.apply(tensors, Numbers(range(ROWS))) for _ in range(2))
            if not _equal(one, other):
                yield f"{trial}: the same draws change a batch in two ways"

    def _rows(self) -> Iterator[str]:
        if self.augmentation.mixes_rows:
            return
        some = [4, 1, 5]
        for trial, component, tensors in self._trials("rows"):
            whole = component.apply(tensors, Numbers(range(ROWS)))
            apart = component.apply([tensor[some] for tensor in tensors], Numbers(some))
            if not _equal([tensor[some] for tensor in whole], apart):
                yield f"{trial}: rows are changed another way among others"

    def _untouched(self) -> Iterator[str]:
        for trial, component, tensors in self._trials("untouched"):
            before = [tensor.clone() for tensor in tensors]
            component.apply(tensors, Numbers(range(ROWS)))
            if not _equal(before, tensors):
                yield f"{trial}: it changed the tensors that it was given"


class Numbers:
    """`specc.components.Draws` for rows of these numbers."""

    def __init__(self, rows: range | list[int]) -> None:
        self.generators = [torch.Generator().manual_seed(1000 + row) for row in rows]

    def __len__(self) -> int:
        return len(self.generators)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> Tensor:
        return low + (high - low) * self._each(torch.rand, ())

    def normal(self, *shape: int) -> Tensor:
        return self._each(torch.randn, shape)

    def chance(self, probability: float) -> Tensor:
        return self.uniform() < probability

    def whole(self, count: int) -> Tensor:
        return (self.uniform() * count).long()

    def beta(self, alpha: float) -> Tensor:
        return torch.sigmoid(self.normal() * math.sqrt(1 / alpha))  # about as wide

    def partners(self) -> Tensor:
        return torch.arange(len(self)).roll(1)

    def _each(self, draw: Callable[..., Tensor], shape: tuple[int, ...]) -> Tensor:
        return torch.stack([draw(shape, generator=each) for each in self.generators])


def _batch(types: Iterable[TensorType], round: int) -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(round)
    for type in types:
        yield drawn(_of_batch(type), generator)


def _of_batch(type: TensorType) -> TensorType:
    return TensorType(type.element, (Dim.of(ROWS), *type.dims))


def _equal(one: list[Tensor], other: list[Tensor]) -> bool:
    return all(torch.allclose(a.double(), b.double()) for a, b in zip(one, other, strict=True))
