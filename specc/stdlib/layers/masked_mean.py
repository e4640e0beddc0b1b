"""The average of what is not padding."""

from specc.components import Example, Layer, Site
from specc.ir import expr as ir


class MaskedMean(Layer):
    """The average over dim 1 of the places where the mask is true.

    Inputs ``x: float[B, T, D]`` and ``mask: mask[B, T]``, output ``float[B, D]``:
    ``(h, mask=words.mask) |> masked_mean``. A row whose mask is nowhere true gives zeros.
    """

    signature = "x: float[B, T, ...], mask: mask[B, T] -> float[B, ...]"
    examples = (
        Example({"x": "float[B, T, D]", "mask": "mask[B, T]"}),
        Example({"x": "float[B, T]", "mask": "mask[B, T]"}),
    )

    def lower(self, site: Site) -> ir.Expr:
        target = "specc.stdlib.parts.masked_mean.masked_mean"
        return site.inline(target, site.tensor("x"), site.tensor("mask"))
