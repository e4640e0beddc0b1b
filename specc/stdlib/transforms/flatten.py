"""One axis for each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from specc.components import Outputs, Site, Transform
from specc.components.data import Bound
from specc.types.dim import Dim
from specc.types.tensor import TensorType


class Flatten(Transform):
    """Lays all values of a row out in one axis, the last axis moving fastest (`torch.flatten`)."""

    signature = "any[...] -> any[...]"

    def infer(self, site: Site) -> Outputs:
        given = site.inputs["x"]
        return TensorType(given.element, (Dim.product(given.dims),))

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column.reshape(len(column), -1)

    def bound(self, state: Mapping[str, Any], given: Bound) -> Bound:
        return given

    def learn(self, parts: Iterable[Any], bound: Bound) -> dict[str, Any]:
        return {"shape": list(next(iter(parts)).shape[1:])}

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column.reshape(len(column), *state["shape"])
