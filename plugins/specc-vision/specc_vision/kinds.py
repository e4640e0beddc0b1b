"""What kinds of values can be images."""

from __future__ import annotations

from specc.components import Refusal, Site
from specc.components.errors import BAD_KIND
from specc.types.tensor import TensorType


def check_pixels(site: Site, what: str, help: str | None = None, tensor: str = "x") -> TensorType:
    """The type of an input; raises a `Refusal` unless its values can be mixed: bytes or floats."""
    given = site.inputs[tensor]
    if given.element.name not in ("uint8", "float"):
        raise Refusal(
            BAD_KIND,
            f"{what} mixes pixels, and {given} has none to mix",
            help=help or "images are uint8[C, H, W] or float[C, H, W]",
            tensor=tensor,
        )
    return given
