"""Values put around a tensor."""

from typing import Literal

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_KIND, BAD_SETTING, BAD_SHAPE
from specc.components.fields import Ints
from specc.ir import expr as ir
from specc.stdlib.families.axes import mixed
from specc.stdlib.families.shape import terms_of
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType


class Pad(Layer):
    """Widens the last axes: ``pad([left, right, top, bottom])`` (`torch.nn.functional.pad`).

    Input ``number[B, C, H, W]``, output of ``pad([1, 2])``: ``number[B, C, H, W + 3]``. Pairs go
    from the last axis backwards, as in torch; a negative number cuts off. ``mode="constant"`` fills
    with ``value`` (0), the others repeat what is there, which takes a batch and channels in front.
    Errors: an odd list; more pairs than axes; a reflection wider than the tensor.
    """

    signature = "any[...] -> any[...padded]"
    examples = (
        Example("float[B, C, H, W]", pad=[1, 2]),
        Example("float[B, T, D]", pad=[0, 0, -1, 3], value=1.5),
        Example("float[B, C, T]", pad=[2, 1], mode="reflect"),
        Example("float[B, C, H, W]", pad=[1, 1, 2, 2], mode="circular"),
        Example("float[B, C, T]", pad=[1, 1], mode="replicate"),
    )

    pad: Ints
    mode: Literal["constant", "reflect", "replicate", "circular"] = "constant"
    value: float | int | None = None

    def infer(self, site: Site) -> TensorType:
        given = site.inputs["x"]
        self._check(given)
        dims = list(given.dims)
        written = terms_of(site, "pad")
        for pair in range(len(self.pad) // 2):
            axis = given.rank - 1 - pair
            widths = [Dim(Dim.of(self.pad[k]).poly, written[k]) for k in (2 * pair, 2 * pair + 1)]
            dims[axis] = self._padded(site, axis, dims[axis], *widths)
        return TensorType(self._element(given.element), tuple(dims))

    def _check(self, given: TensorType) -> None:
        if len(self.pad) % 2 or not self.pad:
            raise Refusal(
                BAD_SETTING,
                f"pad takes two numbers for each axis, got {len(self.pad)}",
                field="pad",
            )
        pairs = len(self.pad) // 2
        if self.mode == "constant":
            if pairs > given.rank:
                raise Refusal(
                    BAD_SHAPE, f"{given} has {given.rank} axes, pad {pairs} pairs", field="pad"
                )
            return
        if self.value is not None:
            raise Refusal(BAD_SETTING, f"mode {self.mode} takes no value", field="value")
        if given.rank != pairs + 2:
            raise Refusal(
                BAD_SHAPE,
                f"mode {self.mode} pads all axes after batch and channels: {given} has "
                f"{max(given.rank - 2, 0)} of them, pad {pairs} pairs",
                field="pad",
            )
        if given.element.base != "float":
            raise Refusal(BAD_KIND, f"mode {self.mode} pads floats, not {given.element}")

    def _padded(self, site: Site, axis: int, size: Dim, before: Dim, after: Dim) -> Dim:
        widest = max(before.known or 0, after.known or 0)
        if self.mode == "reflect" and widest > 0:
            why = f"a reflection of {widest} must be narrower than axis {axis}, of size {size}"
            site.require(size - widest, 1, why)
        elif self.mode == "circular" and widest > 0:
            why = f"{widest} values cannot be taken around from axis {axis}, of size {size}"
            site.require(size - widest, 0, why)
        padded = size + (before + after)
        site.require(padded, 1, f"nothing is left of axis {axis}, of size {size}")
        return padded

    def _element(self, element: Element) -> Element:
        """Padded with a constant, ids keep their bound only if that is one of them."""
        element = mixed(element)
        if element.name != "ids" or self.mode != "constant":
            return element
        fill = self.value or 0
        bound = element.bound
        if fill == 0 or (isinstance(bound, Dim) and bound.known and 0 <= fill < bound.known):
            return element
        raise Refusal(BAD_KIND, f"{fill} is not one of {element}", field="value")

    def lower(self, site: Site) -> ir.Expr:
        fields = site.fields(skip=("pad",))
        return site.function(
            "torch.nn.functional.pad", site.tensor("x"), site.value("pad"), **fields
        )
