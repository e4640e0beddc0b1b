"""What the normalisations share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import PlainValidator

from specc.components import ModuleLayer, Refusal, Site, as_size
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Size
from specc.ir import expr as ir
from specc.stdlib.families.sizes import must_equal
from specc.types.dim import Dim


def by_rank(site: Site, suffixes: Mapping[int, str]) -> str:
    """The suffix of torch's class for the number of spatial axes of the only input."""
    (given,) = site.inputs.values()
    suffix = suffixes.get(given.rank - 2)
    if suffix is None:
        shapes = ("[B, C]", "[B, C, L]", "[B, C, H, W]", "[B, C, D, H, W]")
        known = [shapes[spatial] for spatial in suffixes]
        raise Refusal(
            BAD_SHAPE,
            f"{given} has {given.rank} axes: takes {', '.join(known[:-1])} or {known[-1]}",
        )
    return suffix


def _shape(value: Any) -> int | Dim | tuple[int | Dim, ...] | None:
    single = get_args(Size)[1].func
    if isinstance(value, (list, tuple)):
        if not value:
            raise ValueError("has to have at least one size")
        return tuple(single(item) for item in value)
    return None if value is None else single(value)


Shape = Annotated[int | Dim | tuple[int | Dim, ...] | None, PlainValidator(_shape)]
"""The size of the last axis, the sizes of several last axes, or ``none`` for the last axis."""


class FeatureNorm(ModuleLayer):
    """Normalises over the last axes."""

    if TYPE_CHECKING:  # fields of each component, in torch's order
        normalized_shape: Any
        elementwise_affine: Any

    def normalized(self, axis: int) -> Dim:
        """A size of a shape that is written as a list, for the types of the weights."""
        return as_size(self.normalized_shape[axis])

    def present_weights(self) -> Mapping[str, str]:
        if not self.elementwise_affine:
            return {}
        present = super().present_weights()
        if not isinstance(self.normalized_shape, tuple):
            return present
        sizes = ", ".join(f"normalized({axis})" for axis in range(len(self.normalized_shape)))
        return dict.fromkeys(present, f"float[{sizes}]")

    def infer(self, site: Site) -> None:
        if self.normalized_shape is None:
            return
        (given,) = site.inputs.values()
        wanted = self._sizes(site)
        if len(wanted) > given.rank:
            raise Refusal(
                BAD_SHAPE,
                f"{given} has fewer axes than normalized_shape, which has {len(wanted)}",
                field="normalized_shape",
            )
        for size, expected in zip(given.dims[-len(wanted) :], wanted, strict=True):
            must_equal(site, size, expected, "values", "to normalise", field="normalized_shape")

    def _sizes(self, site: Site) -> tuple[Dim, ...]:
        if not isinstance(self.normalized_shape, tuple):
            return (site.size("normalized_shape"),)
        return tuple(site.size("normalized_shape", i) for i in range(len(self.normalized_shape)))

    def lower(self, site: Site) -> ir.Construct:
        written = self.normalized_shape is not None
        shape = site.value("normalized_shape") if written else site.dim("in")
        return site.module(self.target, skip=("normalized_shape",), normalized_shape=shape)
