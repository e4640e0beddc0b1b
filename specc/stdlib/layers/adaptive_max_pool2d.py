"""2-D max pooling to a given size."""

from specc.stdlib.families.pooling import AdaptivePooling, Output2d


class AdaptiveMaxPool2d(AdaptivePooling):
    """The maxima of windows over an image (`torch.nn.functional.adaptive_max_pool2d`).

    Input ``float[B, C, H, W]``, output ``float[B, C, ...]`` with the spatial sizes of
    ``output_size``: one number for all axes, or one for each; ``none`` keeps the input's.
    """

    signature = "float[B, C, H, W] -> float[B, C, pool(H), pool(W)]"
    target = "torch.nn.functional.adaptive_max_pool2d"
    spatial = 2

    output_size: Output2d
