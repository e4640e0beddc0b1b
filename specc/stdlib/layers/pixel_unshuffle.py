"""Pixels made channels."""

from specc.components import Example, FunctionLayer, Site
from specc.components.fields import Size
from specc.stdlib.families.sizes import must_divide
from specc.types.tensor import Element, TensorType


class PixelUnshuffle(FunctionLayer):
    """Moves space into channels: each square of ``r * r`` becomes a block
    (`torch.nn.functional.pixel_unshuffle`).

    Input ``float[..., C, H, W]``, output ``float[..., r**2 * C, H // r, W // r]``.
    Errors: a height or width that is no multiple of ``r``.
    """

    signature = "float[..., C, H, W] -> float[...shuffled]"
    target = "torch.nn.functional.pixel_unshuffle"
    examples = (
        Example("float[B, C, 12, 6]", downscale_factor=2),
        Example("float[B, C, 12, 6]", downscale_factor=3),
    )

    downscale_factor: Size

    def infer(self, site: Site) -> TensorType:
        r = site.size("downscale_factor")
        channels, height, width = site.dim("C"), site.dim("H"), site.dim("W")
        for size, word in ((height, "rows"), (width, "columns")):
            must_divide(site, r, size, "pixels a block", word, field="downscale_factor")
        leading = site.bindings.rest[""]
        return TensorType(Element("float"), (*leading, r**2 * channels, height // r, width // r))
