"""Values of a field as a person knows them: before its transforms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from specc.components import Transform
from specc.components.ragged import is_ragged, without_ragged
from specc.planning import Planned
from specc.types.dim import Dim

Step = tuple[Transform, dict[str, Any]]


@dataclass(frozen=True)
class Decoded:
    """The way back from the tensors of a field, as far as its transforms have one.

    ``classes`` are the names of the ids that it holds, where it holds ids of one kind.
    """

    name: str | None
    back_steps: tuple[Step, ...] = ()
    classes: tuple[str, ...] = ()
    ragged: bool = False
    """Whether its values are undone one by one, whatever row they are in."""

    @staticmethod
    def of(planned: Planned, field: str | None) -> Decoded:
        """That of a field of the run's data; of something else, which has no way back."""
        data = planned.train.data
        if field is None or data is None:
            return Decoded(None)
        column = data.fields[field]
        states = planned.prepared.fitted[field]
        steps: list[Step] = []
        for transform, state in zip(reversed(column.transforms), reversed(states), strict=True):
            if type(transform).invert is Transform.invert:
                break
            steps.append((transform, state))
        ragged = any(map(is_ragged, column.type.dims))
        found = Decoded(field, tuple(steps), (), ragged)
        bound = column.type.element.bound
        if not isinstance(bound, Dim) or bound.known is None:
            return found
        ids = np.arange(bound.known)
        # Of an array of ids each has a place of its own; the names are the same at all of them.
        shaped = ids.reshape(-1, *(1,) * len(without_ragged(column.type.dims)))
        names = found.back(shaped).reshape(-1)
        return Decoded(field, tuple(steps), tuple(map(label, names)), ragged)

    def back(self, values: Any) -> Any:
        """Values (rows first) before the transforms that can be undone."""
        for transform, state in self.back_steps:
            values = transform.invert(values, state)
        return values


def label(value: Any) -> str:
    """The name of a class."""
    if value is None:
        return "unknown"
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def class_names(decoded: Decoded, ids: Sequence[int], is_bool: bool) -> list[str]:
    """The names of some classes, or their numbers where they have none."""
    if is_bool and not decoded.classes:
        return ["yes" if each else "no" for each in ids]
    known = decoded.classes
    return [known[each] if 0 <= each < len(known) else str(each) for each in ids]
