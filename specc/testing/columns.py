"""Whether a transform of columns does what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import ValidationError

from specc.components import Example, Ragged, Refusal, Transform
from specc.components.ragged import ends, is_ragged
from specc.testing.application import DoesNotMatch, named_inputs, typed
from specc.testing.drawing import disagreement, drawn
from specc.testing.examples import Trial, candidate_examples, chosen_sizes
from specc.testing.report import Run
from specc.types.dim import Dim
from specc.types.tensor import TensorType

ROWS = 24
WORDS = ("a", "bear", "can", "do", "it", "well", "enough")

CHECKS = ("types", "state", "rows", "untouched", "inverse", "unknown_field")
"""``types``: the result is what was inferred. ``state``: it is JSON, and fitting once more gives
the same. ``rows``: a row is transformed alike among whatever others. ``untouched``: the column that
was given is as it was. ``inverse``: what it gives back is transformed to the same once more."""


def drawn_rows(cls: type[Transform]) -> Iterator[Example]:
    """Examples that follow from the fields and the signature."""
    for example in candidate_examples(cls):
        try:
            _typed(cls, example, Trial(example, chosen_sizes(example, 0)), None)
        except (ValidationError, DoesNotMatch, Refusal):
            continue
        yield example
        return


class TransformRun(Run):
    """The checks of a transform."""

    checks = CHECKS

    def __init__(self, cls: type[Transform], examples: tuple[Example, ...], root: Path) -> None:
        super().__init__(cls, examples)
        self.transform = cls
        self.root = root

    def _trials(self, check: str) -> Iterator[_Trial]:
        for example in self.examples:
            for round in range(2):
                self._count(check)
                yield _Trial(self.transform, example, round, self.root)

    def _types(self) -> Iterator[str]:
        for trial in self._trials("types"):
            try:
                wanted = trial.inferred()
            except (ValidationError, DoesNotMatch, Refusal) as error:
                yield f"{trial} is refused: {error}"
                continue
            wrong = _wrong(wanted, trial.result)
            if wrong:
                yield f"{trial}: {wrong}"

    def _state(self) -> Iterator[str]:
        for trial in self._trials("state"):
            stored = json.dumps(trial.state)
            again = json.dumps(trial.fit())
            if stored != again:
                yield f"{trial}: fitted twice, it has another state: {again:.80}"
            if not _equal(trial.apply(trial.column, json.loads(stored)), trial.result):
                yield f"{trial}: with its state from JSON it gives other values"
            missing = [name for name in self.transform.attributes if name not in trial.state]
            if missing:
                yield f"{trial}: its state has no {', '.join(missing)}"

    def _rows(self) -> Iterator[str]:
        for trial in self._trials("rows"):
            some = np.array([5, 0, 7])
            if not _equal(trial.apply(trial.column[some], trial.state), trial.result[some]):
                yield f"{trial}: rows come out another way among others"

    def _untouched(self) -> Iterator[str]:
        for trial in self._trials("untouched"):
            if not _equal(trial.column, trial.drawn()):
                yield f"{trial}: the column that it was given has changed"

    def _inverse(self) -> Iterator[str]:
        for trial in self._trials("inverse"):
            try:
                back = trial.flat(trial.result, trial.component.invert, trial.state)
            except NotImplementedError:
                continue
            if not _equal(trial.apply(back, trial.state), trial.result):
                yield f"{trial}: what its inverse gives is transformed to something else"


class _Trial:
    """A transform that was fitted on some rows, and what it made of them."""

    def __init__(self, cls: type[Transform], example: Example, round: int, root: Path) -> None:
        self.cls = cls
        self.example = example
        self.round = round
        self.root = root
        self.trial = Trial(example, chosen_sizes(example, round))
        self.component = cls(**example.config)
        self.column = self.drawn()
        self.state = self.fit()
        self.result = self.apply(self.column, self.state)

    def __str__(self) -> str:
        return str(self.trial)

    def drawn(self) -> Any:
        """The rows; the first size of those that are to be ragged differs from row to row."""
        (type,) = self.trial.inputs(self.cls).values()
        random = np.random.default_rng(self.round)
        if not self.cls.takes_ragged:
            return _values(type, ROWS, random)
        lengths = random.integers(1, 9, ROWS)
        inner = TensorType(type.element, type.dims[1:])
        return Ragged(_values(inner, int(lengths.sum()), random), ends(lengths))

    def fit(self) -> dict[str, Any]:
        (type,) = self.trial.inputs(self.cls).values()
        bound = type.element.bound
        known = bound.known if isinstance(bound, Dim) else None
        column = self.column
        if self.cls.per_column and not isinstance(column, Ragged):
            column = column.reshape(-1)
        return self.component.load(self.root) | self.component.learn([column], known)

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return self.flat(column, self.component.apply, state)

    def flat(
        self,
        column: Any,
        method: Callable[[Any, Mapping[str, Any]], Any],
        state: Mapping[str, Any],
    ) -> Any:
        """A method of the transform; of ragged rows an elementwise one is given all values."""
        if isinstance(column, Ragged) and self.cls.elementwise:
            return column.with_values(method(column.values, state))
        return method(column, state)

    def inferred(self) -> TensorType:
        return _typed(self.cls, self.example, self.trial, self.state)


def _typed(
    cls: type[Transform], example: Example, trial: Trial, state: Mapping[str, Any] | None
) -> TensorType:
    """The type of a row of the result."""
    fitted: dict[str, Dim | tuple[Dim, ...]] = {"length": Dim.named("L")}
    for name in cls.attributes:
        value = None if state is None else state[name]
        fitted[name] = Dim.of(value) if isinstance(value, int) else Dim.named(f"x.{name}")
    inputs = trial.inputs(cls)
    if cls.takes_ragged:
        ((name, type),) = inputs.items()
        inputs = {name: TensorType(type.element, (Dim.named("T"), *type.dims[1:]))}
    _, outputs = typed(cls, example.config, named_inputs(cls, inputs), None, fitted)
    assert isinstance(outputs, Mapping)
    (only,) = outputs.values()
    return only


def _values(type: TensorType, rows: int, random: np.random.Generator) -> Any:
    """Rows of a type whose sizes are known."""
    shape = [rows, *(dim.known or 1 for dim in type.dims)]
    if type.element.base == "str":
        texts = [
            " ".join(random.choice(WORDS, random.integers(1, 7))) for _ in range(np.prod(shape))
        ]
        array = np.empty(len(texts), object)
        array[:] = texts
        return array.reshape(shape)
    generator = torch.Generator().manual_seed(int(random.integers(1 << 30)))
    whole = TensorType(type.element, (Dim.of(rows), *type.dims))
    values = drawn(whole, generator).numpy()
    return np.abs(values) + 0.5 if type.element.base == "float" else values


def _wrong(wanted: TensorType, result: Any) -> str | None:
    """Why rows are not of a type, if they are not."""
    ragged = bool(wanted.dims) and is_ragged(wanted.dims[0])
    if ragged != isinstance(result, Ragged):
        return f"inferred {wanted}, but the result is {'' if not ragged else 'not '}ragged"
    values = result.values if isinstance(result, Ragged) else result
    if wanted.element.base == "str":
        good = values.dtype == object and all(type(each) is str for each in values.reshape(-1))
        return None if good else f"inferred {wanted}, but not all values are text"
    dims = wanted.dims[1:] if ragged else wanted.dims
    known = TensorType(wanted.element, (Dim.of(len(values)), *dims))
    widths = {"f": np.float32, "i": np.int64}
    width = np.int64 if wanted.element.name == "ids" else widths.get(values.dtype.kind)
    settled = np.array(values, width or values.dtype)
    return disagreement(known, torch.from_numpy(settled))


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, Ragged) or isinstance(other, Ragged):
        return (
            isinstance(one, Ragged)
            and isinstance(other, Ragged)
            and np.array_equal(one.lengths, other.lengths)
            and _equal(one.values, other.values)
        )
    if one.shape != other.shape:
        return False
    if object in (one.dtype, other.dtype):
        return bool(np.array_equal(one, other))
    return bool(np.allclose(one, other, rtol=1e-4, atol=1e-5))
