"""Another shape for each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from specc.components import Example, Outputs, Refusal, Site, Transform
from specc.components.data import Bound
from specc.components.errors import CHANGES_COUNT
from specc.components.fields import Ints
from specc.types.dim import Dim
from specc.types.poly import Verdict
from specc.types.tensor import TensorType


class Reshape(Transform):
    """Gives each row the sizes ``shape``; its values stay in their order (`torch.reshape`).

    ``source["p*"] |> reshape(1, 8, 8)`` makes an image of 64 columns.
    """

    signature = "any[...] -> any[...]"
    variadic = "shape"
    examples = (Example("float[4, 6]", shape=[3, 8]),)

    shape: Ints

    def infer(self, site: Site) -> Outputs:
        given = site.inputs["x"]
        wanted = tuple(map(Dim.of, self.shape))
        have, want = Dim.product(given.dims), Dim.product(wanted)
        if site.facts.compare(have.poly, want.poly) is not Verdict.EQUAL:
            raise Refusal(
                CHANGES_COUNT,
                "reshape changes the number of values",
                label=f"{have} values a row do not fit in {want}",
                field="shape",
            )
        return TensorType(_joined(given), wanted)

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column.reshape(len(column), *self.shape)

    def bound(self, state: Mapping[str, Any], given: Bound) -> Bound:
        return given if isinstance(given, int) else None

    def learn(self, parts: Iterable[Any], bound: Bound) -> dict[str, Any]:
        return {"shape": list(next(iter(parts)).shape[1:])}

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column.reshape(len(column), *state["shape"])


def _joined(given: TensorType) -> Any:
    """The element; ids with a bound for each column keep none of them, as the columns move."""
    if isinstance(given.element.bound, tuple):
        return given.element.plain
    return given.element
