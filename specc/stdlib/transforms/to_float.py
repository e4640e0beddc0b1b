"""Numbers as floats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specc.components import Outputs, Refusal, Site, Transform
from specc.components.errors import BAD_KIND
from specc.stdlib.families.columns import as_floats
from specc.types.tensor import Element, TensorType


class ToFloat(Transform):
    """Turns numbers and truth values into floats; bytes, which are pixels, into 0 to 1.

    A ``uint8`` is divided by 255. Any other number keeps its value, ``true`` is 1. Input
    ``uint8[...]``, ``int[...]``, ``float[...]`` or ``bool[...]``, output ``float[...]``.
    """

    signature = "any[...] -> float[...]"
    elementwise = True

    def infer(self, site: Site) -> Outputs:
        given = site.inputs["x"]
        if given.element.base == "str" or given.element.name == "ids":
            raise Refusal(
                BAD_KIND,
                f"{given.element} are no quantities",
                help="categories makes ids of text, one_hot makes floats of ids",
                tensor="x",
            )
        return TensorType(Element("float"), given.dims)

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        floats = as_floats(column)
        return floats / 255 if column.dtype == "uint8" else floats
