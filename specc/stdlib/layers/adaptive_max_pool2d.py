"""2-D max pooling to a given size."""

from specc.components import Example
from specc.stdlib.families.pooling import AdaptivePooling, Output2d


class AdaptiveMaxPool2d(AdaptivePooling):
    """The maxima of windows over an image (`torch.nn.functional.adaptive_max_pool2d`).

    Input ``float[B, C, H, W]``, output ``float[B, C, ...]`` with the spatial sizes of
    ``output_size``: one number for all axes, or one for each; ``none`` keeps the input's.
    """

    signature = "float[B, C, H, W] -> float[B, C, pool(H), pool(W)]"
    target = "torch.nn.functional.adaptive_max_pool2d"
    spatial = 2
    examples = (
        Example("float[B, C, H, W]", output_size=3),
        Example("float[B, C, H, W]", output_size=[None, 2]),
    )

    output_size: Output2d
