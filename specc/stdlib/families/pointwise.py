"""Functions of single values."""

from __future__ import annotations

from specc.components import FunctionLayer, Site
from specc.types.tensor import TensorType


class Pointwise(FunctionLayer):
    """Arithmetic, value by value: the shape is kept, a refinement is not."""

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        return TensorType(given.element.plain, given.dims)
