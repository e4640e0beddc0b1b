"""Long rows cut off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field

from specc.components import Outputs, Ragged, Refusal, Site, Transform
from specc.components.data import Bound
from specc.components.errors import BAD_SHAPE
from specc.components.ragged import ends, is_ragged
from specc.types.dim import Dim
from specc.types.tensor import TensorType


class Truncate(Transform):
    """Leaves of each ragged row its first ``length`` values, or its last (``keep="last"``).

    ``str[T]`` becomes ``str[T100]`` by ``truncate(100)``; two fields of equal lengths that are
    both cut there keep equal lengths. ``max_length`` is ``length`` then, whatever the rows have.
    """

    signature = "any[...] -> any[...]"
    attributes = ("max_length",)
    takes_ragged = True

    length: int = Field(ge=1)
    keep: Literal["first", "last"] = "first"

    def infer(self, site: Site) -> Outputs:
        given = site.inputs["x"]
        if not given.dims or not is_ragged(given.dims[0]):
            raise Refusal(
                BAD_SHAPE,
                f"rows of {given} are all of one size",
                help="truncate cuts ragged rows, such as the words of a text",
                tensor="x",
            )
        return TensorType(
            given.element, (Dim.named(f"{given.dims[0]}{self.length}"), *given.dims[1:])
        )

    def learn(self, parts: Iterable[Any], bound: Bound) -> dict[str, Any]:
        return {"max_length": self.length}

    def bound(self, state: Mapping[str, Any], given: Bound) -> Bound:
        return given

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        """The row as it is; what was cut off is lost."""
        return column

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        import numpy as np

        assert isinstance(column, Ragged)
        lengths = np.minimum(column.lengths, self.length)
        offsets = ends(lengths)
        starts = column.offsets[:-1] if self.keep == "first" else column.offsets[1:] - lengths
        places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
        return Ragged(column.values[places], offsets)
