"""What pooling shares: the rule of sizes, and the checks behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, get_args

from pydantic import PlainValidator

from specc.components import Example, FunctionLayer, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.components.fields import Single
from specc.ir import expr as ir
from specc.stdlib.families.convolution import AXES, images
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType
from specc.types.terms import ListTerm, Term


def _sizes_or_none(count: int) -> Any:
    """The validator of ``output_size``: sizes, each of which may be ``none``."""
    single = get_args(Single)[1].func

    def check(value: Any) -> tuple[int | Dim | None, ...]:
        if not isinstance(value, (list, tuple)):
            value = (value,) * count
        if len(value) != count:
            raise ValueError(f"has to be one whole number or a list of {count}")
        return tuple(None if item is None else single(item)[0] for item in value)

    return PlainValidator(check)


Output1d = Annotated[tuple[int | Dim | None], _sizes_or_none(1)]
Output2d = Annotated[tuple[int | Dim | None, int | Dim | None], _sizes_or_none(2)]
Output3d = Annotated[tuple[int | Dim | None, int | Dim | None, int | Dim | None], _sizes_or_none(3)]
"""One size for all spatial axes, or one for each; ``none`` keeps the size of an axis."""


def pooling_examples(spatial: int, **fields: Any) -> tuple[Example, ...]:
    """The options that all kinds of pooling have, and every way to round up."""
    x = images(spatial)
    return (
        Example(x, kernel_size=2, **fields),
        Example(x, kernel_size=[3, 2, 4][:spatial], stride=2, ceil_mode=True, **fields),
        Example(x, kernel_size=2, stride=5, ceil_mode=True, **fields),
    )


class Pooling(FunctionLayer):
    """A window that moves over ``spatial`` axes; the fields are those of the torch function."""

    spatial: ClassVar[int]

    if TYPE_CHECKING:  # fields of each component, in torch's order
        stride: Any
        ceil_mode: Any

    def infer(self, site: Site) -> TensorType:
        (given,) = site.inputs.values()
        sizes = (self._size(site, axis, given.dims[2 + axis]) for axis in range(self.spatial))
        return TensorType(Element("float"), (*given.dims[:2], *sizes))

    def _field(self, site: Site, name: str, axis: int, otherwise: Dim) -> Dim:
        """A size that not every kind of pooling has, and that may be left out."""
        missing = name not in type(self).model_fields or getattr(self, name) is None
        return otherwise if missing else site.size(name, axis)

    def _size(self, site: Site, axis: int, size: Dim) -> Dim:
        """The size of a spatial axis afterwards, as ATen's `pooling_output_shape` has it."""
        kernel = site.size("kernel_size", axis)
        stride = self._field(site, "stride", axis, kernel)
        around = self._field(site, "padding", axis, Dim.of(0))
        window = self._field(site, "dilation", axis, Dim.of(1)) * (kernel - 1) + 1
        at_least = site.facts.at_least
        if not at_least((kernel - 2 * around).poly, 0):
            raise Refusal(
                BAD_SETTING,
                f"a padding of {around} is more than half of the kernel_size, {kernel}",
                field="padding",
            )
        padded = size + 2 * around
        word = AXES[self.spatial][axis]
        why = f"the window is {window} long, but the {word} of the padded input is {padded}"
        help = (
            "make `kernel_size` smaller, or take out a pool before it: each halves the size or more"
        )
        if not self.ceil_mode:
            site.require(padded - window, 0, why, help)
            return (padded - window) // stride + 1
        # The last window may hang over the end, but it must start inside the input or its left
        # padding. Whether that matters depends on the configuration alone.
        if at_least((window - around - stride).poly, 0):
            site.require(padded - window + stride - 1, 0, why, help)
            return (padded - window + stride - 1) // stride + 1
        if at_least((around + stride - window).poly, 1):
            return (size + around - 1) // stride + 1
        raise Refusal(
            BAD_SETTING,
            f"with ceil_mode, the {word} is only known where the stride, {stride}, is known",
            field="ceil_mode",
        )

    def lower(self, site: Site) -> ir.Expr:
        """``F.max_pool2d(x, 2, stride=1)``: required fields by position, as people write it."""
        fields = type(self).model_fields
        required = [site.value(name) for name, info in fields.items() if info.is_required()]
        written = site.fields(skip=tuple(n for n, info in fields.items() if info.is_required()))
        return site.function(self.target, *site.tensors(), *required, **written)


class AdaptivePooling(FunctionLayer):
    """Pools ``spatial`` axes to sizes that are given; ``none`` keeps the size of an axis."""

    spatial: ClassVar[int]

    if TYPE_CHECKING:
        output_size: Any

    def infer(self, site: Site) -> TensorType:
        (given,) = site.inputs.values()
        sizes = (self._size(site, axis) for axis in range(self.spatial))
        return TensorType(Element("float"), (*given.dims[:2], *sizes))

    def _size(self, site: Site, axis: int) -> Dim:
        (given,) = site.inputs.values()
        kept = self.output_size[axis] is None
        return given.dims[2 + axis] if kept else site.size("output_size", axis)

    def lower(self, site: Site) -> ir.Expr:
        """``none`` is lowered to the size itself, since TorchScript takes whole numbers only."""
        size: Term = site.value("output_size")
        if None in self.output_size:
            size = ListTerm(tuple(self._size(site, axis).term for axis in range(self.spatial)))
        return site.function(self.target, *site.tensors(), size)
