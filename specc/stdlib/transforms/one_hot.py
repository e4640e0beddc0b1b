"""Ids as vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from specc.components import Transform
from specc.components.data import Bound


class OneHot(Transform):
    """A 1 at the place of the id and 0 elsewhere (`torch.nn.functional.one_hot`, as floats).

    Input ``ids(n)[...]``, output ``float[..., n]``.
    """

    signature = "ids(n)[...] -> float[..., n]"
    elementwise = True

    def learn(self, parts: Iterable[Any], bound: Bound) -> dict[str, Any]:
        assert isinstance(bound, int), "the signature takes ids of one bound"
        return {"size": bound}

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        import numpy as np

        return np.eye(state["size"], dtype=np.float32)[column]

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column.argmax(axis=-1)
