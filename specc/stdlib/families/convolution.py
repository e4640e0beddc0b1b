"""What convolutions share: their padding field, their size rule and their checks.

Sizes: V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning (2016), relations
6 and 14, with dilation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

from pydantic import PlainValidator

from specc.components import Example, ModuleLayer, Refusal, Site, as_size
from specc.components.errors import BAD_SETTING
from specc.components.fields import PairCount, SingleCount, TripleCount
from specc.stdlib.families.sizes import must_divide
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType

PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]

AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def _or_word(counts: Any) -> Any:
    """The validator of a field of counts that may also be ``same`` or ``valid``."""
    validator = get_args(counts)[1].func

    def check(value: Any) -> Any:
        if not isinstance(value, str):
            return validator(value)
        if value not in ("same", "valid"):
            raise ValueError('has to be whole numbers, "same" or "valid"')
        return value

    return PlainValidator(check)


PaddingWord = Literal["same", "valid"]
Padding1d = Annotated[SingleCount | PaddingWord, _or_word(SingleCount)]
Padding2d = Annotated[PairCount | PaddingWord, _or_word(PairCount)]
Padding3d = Annotated[TripleCount | PaddingWord, _or_word(TripleCount)]


def images(spatial: int, channels: str = "C") -> str:
    """The type of a batch over ``spatial`` axes, for examples."""
    return f"float[B, {channels}, {', '.join('DHW'[3 - spatial :])}]"


def convolution_examples(spatial: int) -> tuple[Example, ...]:
    """Every option of a convolution."""
    x = images(spatial, "4")
    mixed = {"kernel_size": [3, 2, 4][:spatial], "stride": 2, "padding": 1, "dilation": 2}
    return (
        Example(images(spatial), out_channels=6, kernel_size=3),
        Example(x, out_channels=6, groups=2, **mixed),
        Example(x, out_channels=2, kernel_size=4, padding="same", bias=False),
        Example(x, out_channels=2, kernel_size=3, padding="valid"),
        Example(x, out_channels=2, kernel_size=3, padding=2, padding_mode="reflect"),
        Example(x, out_channels=2, kernel_size=3, padding=2, padding_mode="circular"),
    )


def transposed_examples(spatial: int) -> tuple[Example, ...]:
    """Every option of a transposed convolution."""
    x = images(spatial, "4")
    mixed = {"kernel_size": [3, 2, 4][:spatial], "stride": 2, "padding": 1, "output_padding": 1}
    return (
        Example(images(spatial), out_channels=6, kernel_size=3),
        Example(x, out_channels=6, **mixed),
        Example(x, out_channels=6, kernel_size=2, groups=2, bias=False, dilation=2),
    )


class Convolution(ModuleLayer):
    """A convolution over ``spatial`` axes; the fields are those of the torch module."""

    spatial: ClassVar[int]
    inferred = {"in_channels": "in"}

    if TYPE_CHECKING:  # fields of each component, in torch's order
        kernel_size: Any
        padding: Any
        padding_mode: Any

    def kernel(self, axis: int) -> Dim:
        """The kernel's size along a spatial axis, for the types of the weights."""
        return as_size(self.kernel_size[axis])

    def infer(self, site: Site) -> TensorType:
        (given,) = site.inputs.values()
        groups = site.size("groups")
        must_divide(site, groups, site.dim("in"), "groups", "input channels", field="groups")
        channels = site.size("out_channels")
        must_divide(site, groups, channels, "groups", "output channels", field="groups")
        sizes = (self._size(site, axis, given.dims[2 + axis]) for axis in range(self.spatial))
        return TensorType(Element("float"), (given.dims[0], channels, *sizes))

    def _reach(self, site: Site, axis: int) -> Dim:
        """How far the kernel's last value is from its first."""
        return site.size("dilation", axis) * (site.size("kernel_size", axis) - 1)

    def _size(self, site: Site, axis: int, size: Dim) -> Dim:
        """The size of a spatial axis afterwards."""
        stride = site.size("stride", axis)
        reach = self._reach(site, axis)
        if self.padding == "same":
            if stride.known != 1:
                raise Refusal(
                    BAD_SETTING,
                    f'padding="same" keeps the size, which a stride of {stride} does not',
                    help="give the padding as a number",
                    field="padding",
                )
            self._check_padding(site, axis, size, reach - reach // 2)
            return size
        around = Dim.of(0) if self.padding == "valid" else site.size("padding", axis)
        self._check_padding(site, axis, size, around)
        padded = size + 2 * around
        word = AXES[self.spatial][axis]
        why = f"the kernel reaches over {reach + 1}, but the {word} of the padded input is {padded}"
        help = (
            "make `kernel_size` smaller, or write `padding`; strides and pools before it shrink too"
        )
        site.require(padded - reach, 1, why, help)
        return (padded - reach - 1) // stride + 1

    def _check_padding(self, site: Site, axis: int, size: Dim, around: Dim) -> None:
        """Padding that is made of the input cannot be larger than the input."""
        least = {"reflect": 1, "circular": 0}.get(self.padding_mode)
        if least is None:
            return
        word = AXES[self.spatial][axis]
        what = "must be smaller than" if least else "may not be larger than"
        why = f"the padding, {around}, {what} the {word}, {size}"
        site.require(size - around, least, f'with padding_mode="{self.padding_mode}" {why}')


class TransposedConvolution(Convolution):
    """A transposed convolution over ``spatial`` axes; the fields are those of the torch module."""

    def _size(self, site: Site, axis: int, size: Dim) -> Dim:
        stride = site.size("stride", axis)
        dilation = site.size("dilation", axis)
        extra = site.size("output_padding", axis)
        if not any(site.facts.at_least((by - extra).poly, 1) for by in (stride, dilation)):
            raise Refusal(
                BAD_SETTING,
                f"output_padding is {extra}, which is not less than the stride, {stride}, "
                f"or the dilation, {dilation}",
                field="output_padding",
            )
        taken = 2 * site.size("padding", axis)
        after = (size - 1) * stride - taken + self._reach(site, axis) + extra + 1
        word = AXES[self.spatial][axis]
        site.require(after, 1, f"the padding takes away all of the {word}: {after} is left")
        return after
