"""The conformance checks of transforms and augmentations find what they are there for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from specc.components import Augmentation, Transform
from specc.testing import check_component

COUNTER: Iterator[int] = itertools.count()


class Good(Transform):
    """Twice as much."""

    signature = "float[...] -> float[...]"

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column * 2

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column / 2


class OtherType(Good):
    """It says floats."""

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column.astype(np.int64)


class OtherState(Good):
    """It learns something else each time."""

    def fit(self, column: Any, bound: Any) -> dict[str, Any]:
        return {"number": next(COUNTER)}


class OtherRows(Good):
    """It looks at its neighbours."""

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column - column.mean()

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        raise NotImplementedError


class Touches(Good):
    """It works in place."""

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        column *= 2
        return column


class OtherInverse(Good):
    """It does not go back."""

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column / 3


class NotRagged(Transform):
    """It says ragged rows, and gives plain ones."""

    signature = "str[] -> str[T]"
    makes_ragged = True

    def infer(self, site: Any) -> Any:
        return type(site.inputs["x"])(site.inputs["x"].element, (site.length(),))

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column


@pytest.mark.parametrize(
    ("cls", "check"),
    [
        (OtherType, "types"),
        (NotRagged, "types"),
        (OtherState, "state"),
        (OtherRows, "rows"),
        (Touches, "untouched"),
        (OtherInverse, "inverse"),
    ],
)
def test_what_a_transform_does_wrong_is_found(cls: type[Transform], check: str) -> None:
    assert check in check_component(cls).failed


def test_what_is_right_passes() -> None:
    report = check_component(Good)
    assert not report.failed
    assert str(report).startswith("Good: types 2, state 2, rows 2")


class Noise(Augmentation):
    """A little more or less."""

    def apply(self, tensors: Any, draws: Any) -> list[Any]:
        return [t + draws.uniform().reshape(-1, *(1,) * (t.ndim - 1)) for t in tensors]


class InPlace(Noise):
    """It changes what it was given."""

    def apply(self, tensors: Any, draws: Any) -> list[Any]:
        return [t.add_(1) for t in tensors]


class Mean(Noise):
    """It mixes rows, and does not say so."""

    def apply(self, tensors: Any, draws: Any) -> list[Any]:
        return [t - t.mean() for t in tensors]


class Double(Noise):
    """It makes other values of them."""

    def apply(self, tensors: Any, draws: Any) -> list[Any]:
        return [t.double() for t in tensors]


class Unseeded(Noise):
    """It draws for itself."""

    def apply(self, tensors: Any, draws: Any) -> list[Any]:
        return [t + next(COUNTER) for t in tensors]


@pytest.mark.parametrize(
    ("cls", "check"),
    [(InPlace, "untouched"), (Mean, "rows"), (Double, "types"), (Unseeded, "repeated")],
)
def test_what_an_augmentation_does_wrong_is_found(cls: type[Augmentation], check: str) -> None:
    assert check in check_component(cls).failed
    assert not check_component(Noise).failed
