"""The axes of each row in another order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specc.components import Example, Outputs, Refusal, Site, Transform
from specc.components.data import Bound
from specc.components.errors import BAD_SETTING
from specc.components.fields import Ints
from specc.stdlib.families.axes import axes_of, mixed
from specc.types.tensor import TensorType


class Permute(Transform):
    """The axes of a row in the order given: ``permute(2, 0, 1)`` (`torch.permute`).

    Images of ``uint8[H, W, 3]`` become ``uint8[3, H, W]``; axis 0 is the first one of a row.
    """

    signature = "any[...] -> any[...]"
    variadic = "dims"
    examples = (Example("uint8[4, 5, 3]", dims=[2, 0, 1]),)

    dims: Ints

    def infer(self, site: Site) -> Outputs:
        given = site.inputs["x"]
        axes = axes_of(given, self.dims, field="dims")
        if len(axes) != given.rank:
            raise Refusal(
                BAD_SETTING,
                f"a row of {given} has {given.rank} axes, of which {len(axes)} are given",
                help="name every axis of a row once; the batch is not counted",
                field="dims",
            )
        last_stays = not axes or axes[-1] == given.rank - 1
        element = given.element if last_stays else mixed(given.element)
        return TensorType(element, tuple(given.dims[axis] for axis in axes))

    def bound(self, state: Mapping[str, Any], given: Bound) -> Bound:
        return given if isinstance(given, int) else None

    def apply(self, column: Any, state: Mapping[str, Any]) -> Any:
        return column.transpose(0, *(axis + 1 for axis in self._order(column)))

    def invert(self, column: Any, state: Mapping[str, Any]) -> Any:
        order = self._order(column)
        return column.transpose(0, *(order.index(axis) + 1 for axis in range(len(order))))

    def _order(self, column: Any) -> list[int]:
        """The axes of a row, counted from 0."""
        return [axis % (column.ndim - 1) for axis in self.dims]
