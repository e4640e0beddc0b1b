"""3-D max pooling to a given size."""

from specc.components import Example
from specc.stdlib.families.pooling import AdaptivePooling, Output3d


class AdaptiveMaxPool3d(AdaptivePooling):
    """The maxima of windows over a volume (`torch.nn.functional.adaptive_max_pool3d`).

    Input ``float[B, C, D, H, W]``, output ``float[B, C, ...]`` with the spatial sizes of
    ``output_size``: one number for all axes, or one for each; ``none`` keeps the input's.
    """

    signature = "float[B, C, D, H, W] -> float[B, C, pool(D), pool(H), pool(W)]"
    target = "torch.nn.functional.adaptive_max_pool3d"
    spatial = 3
    examples = (
        Example("float[B, C, D, H, W]", output_size=3),
        Example("float[B, C, D, H, W]", output_size=[2, None, 3]),
    )

    output_size: Output3d
