"""Images of another size."""

from fractions import Fraction
from typing import Any, Literal

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_SETTING, BAD_SHAPE
from specc.components.fields import Positive, Size, Sizes
from specc.ir import expr as ir
from specc.stdlib.families.shape import sizes_of
from specc.types.dim import Dim
from specc.types.tensor import Dims, Element, TensorType

_AXES = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
"""Spatial axes that a mode takes; the others take any number."""


class Interpolate(Layer):
    """Resamples the spatial axes (`torch.nn.functional.interpolate`).

    Input ``float[B, C, H, W]`` with 1 to 3 spatial axes, output of ``interpolate(scale_factor=2)``:
    ``float[B, C, 2*H, 2*W]``; of ``interpolate([32, 32], mode="bilinear")``: that size.

    Errors: neither or both of ``size`` and ``scale_factor``; a mode for another number of axes; a
    scale that is no short fraction on a size that is not known. Scaling down without ``antialias``
    skips values.
    """

    signature = "float[B, C, ...] -> float[B, C, ...scaled]"
    examples = (
        Example("float[B, C, H, W]", size=[7, 9]),
        Example("float[B, C, T]", scale_factor=2.5),
        Example("float[B, C, H, W]", size=20, mode="bilinear", align_corners=True),
        Example("float[B, C, H, W]", scale_factor=[0.5, 2.0], mode="bicubic"),
        Example("float[B, C, H, W]", size=4, mode="bilinear", antialias=True),
        Example("float[B, C, H, W, T]", scale_factor=2, mode="trilinear"),
        Example("float[B, C, H, W]", size=5, mode="area"),
        Example("float[B, C, T]", size=5, mode="linear"),
        Example("float[B, C, T]", size=5, mode="nearest-exact"),
    )

    size: Size | Sizes | None = None
    scale_factor: Positive | tuple[Positive, ...] | list[Positive] | None = None
    mode: Literal[
        "nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact"
    ] = "nearest"
    align_corners: bool | None = None
    antialias: bool = False

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        spatial = given.dims[2:]
        if (self.size is None) == (self.scale_factor is None):
            raise Refusal(BAD_SETTING, "interpolate takes size or scale_factor, one of them")
        self._check(given, len(spatial))
        sized = self._resized if self.scale_factor is None else self._scaled
        scaled = sized(site, spatial)
        return TensorType(Element("float"), (*given.dims[:2], *scaled))

    def _check(self, given: TensorType, axes: int) -> None:
        wanted = _AXES.get(self.mode)
        if (wanted or axes) != axes or not 1 <= axes <= 3:
            raise Refusal(
                BAD_SHAPE,
                f"mode {self.mode} takes {wanted or '1 to 3'} axes after batch and channels, "
                f"{given} has {axes}",
                field="mode" if "mode" in self.model_fields_set else None,
            )
        if self.align_corners is not None and wanted is None:
            raise Refusal(
                BAD_SETTING, f"mode {self.mode} has no align_corners", field="align_corners"
            )
        if self.antialias and self.mode not in ("bilinear", "bicubic"):
            raise Refusal(BAD_SETTING, f"mode {self.mode} has no antialias", field="antialias")

    def _resized(self, site: Site, spatial: Dims) -> Dims:
        if not isinstance(self.size, tuple):
            return (site.size("size"),) * len(spatial)
        sizes = sizes_of(site, "size")
        self._must_be_as_many(len(sizes), len(spatial), "size")
        return sizes

    def _scaled(self, site: Site, spatial: Dims) -> Dims:
        site.fix("scale_factor")
        factors = self.scale_factor
        if not isinstance(factors, (list, tuple)):
            factors = (factors or 1.0,) * len(spatial)
        self._must_be_as_many(len(factors), len(spatial), "scale_factor")
        return tuple(_times(dim, factor) for dim, factor in zip(spatial, factors, strict=True))

    @staticmethod
    def _must_be_as_many(given: int, axes: int, field: str) -> None:
        if given != axes:
            raise Refusal(BAD_SHAPE, f"{given} numbers for {axes} axes", field=field)

    def lower(self, site: Site) -> ir.Expr:
        named: dict[str, Any] = dict(site.fields())
        return site.function("torch.nn.functional.interpolate", site.tensor("x"), **named)


def _times(dim: Dim, factor: float) -> Dim:
    """The size scaled and rounded down, as torch does it."""
    if dim.known is not None:
        scaled = int(dim.known * factor)
    else:
        exact = Fraction(factor)
        if exact.denominator > 64:
            raise Refusal(
                BAD_SHAPE,
                f"{dim} times {factor} is not known exactly",
                help="give the size, or a scale such as 0.5 or 1.25",
                field="scale_factor",
            )
        return dim * exact.numerator // exact.denominator
    if scaled < 1:
        raise Refusal(BAD_SHAPE, f"nothing is left of {dim} times {factor}", field="scale_factor")
    return Dim.of(scaled)
