"""What kinds of values can be images."""

from __future__ import annotations

from specc.components import Refusal, Site
from specc.components.errors import BAD_KIND, BAD_SHAPE
from specc.types.dim import Dim
from specc.types.poly import Verdict
from specc.types.tensor import TensorType


def check_pixels(site: Site, what: str, help: str | None = None, tensor: str = "x") -> TensorType:
    """The type of an input; raises a `Refusal` unless its values can be mixed: bytes or floats."""
    given = site.inputs[tensor]
    if given.element.base not in ("uint8", "float"):
        raise Refusal(
            BAD_KIND,
            f"{what} mixes values, and those of {given} cannot be mixed",
            help=help or "images are uint8[C, H, W] or float[C, H, W]",
            tensor=tensor,
        )
    return given


def check_images(site: Site, what: str) -> tuple[Dim, Dim]:
    """Height and width of everything that is given, which is ``[..., H, W]``.

    Raises:
        Refusal: if something has no height and width, or not those of the rest.
    """
    sizes: list[tuple[Dim, Dim]] = []
    for name, given in site.inputs.items():
        if given.rank < 2 or given.element.base == "str":
            raise Refusal(
                BAD_SHAPE,
                f"{what} takes images, and {given} is none",
                help="images and their masks are [C, H, W] or [H, W]",
                tensor=name,
            )
        sizes.append((given.dims[-2], given.dims[-1]))
        pairs = zip(sizes[0], sizes[-1], strict=True)
        if any(site.facts.compare(a.poly, b.poly) is not Verdict.EQUAL for a, b in pairs):
            raise Refusal(
                BAD_SHAPE,
                f"{what} changes {site.inputs['0']} and {given} alike, but their sizes differ",
                help="their last two sizes have to be the same",
                tensor=name,
            )
    return sizes[0]
