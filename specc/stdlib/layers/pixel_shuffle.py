"""Channels made pixels."""

from specc.components import Example, FunctionLayer, Site
from specc.components.fields import Size
from specc.stdlib.families.sizes import must_divide
from specc.types.tensor import Element, TensorType


class PixelShuffle(FunctionLayer):
    """Moves channels into space: each block of ``r * r`` becomes a square
    (`torch.nn.functional.pixel_shuffle`).

    Input ``float[..., C, H, W]``, output ``float[..., C // r**2, r*H, r*W]``.
    Errors: channels that are no multiple of ``r * r``.
    """

    signature = "float[..., C, H, W] -> float[...shuffled]"
    target = "torch.nn.functional.pixel_shuffle"
    examples = (
        Example("float[B, 36, H, W]", upscale_factor=2),
        Example("float[B, 36, H, W]", upscale_factor=3),
        Example("float[8, H, W]", upscale_factor=2),
    )

    upscale_factor: Size

    def infer(self, site: Site) -> TensorType:
        r = site.size("upscale_factor")
        channels, height, width = site.dim("C"), site.dim("H"), site.dim("W")
        must_divide(site, r**2, channels, "pixels", "channels", field="upscale_factor")
        leading = site.bindings.rest[""]
        return TensorType(Element("float"), (*leading, channels // r**2, r * height, r * width))
