"""1-D max pooling to a given size."""

from specc.components import Example
from specc.stdlib.families.pooling import AdaptivePooling, Output1d


class AdaptiveMaxPool1d(AdaptivePooling):
    """The maxima of windows over a sequence (`torch.nn.functional.adaptive_max_pool1d`).

    Input ``float[B, C, L]``, output ``float[B, C, ...]`` with the spatial sizes of
    ``output_size``: a number; ``none`` keeps the input's.
    """

    signature = "float[B, C, L] -> float[B, C, pool(L)]"
    target = "torch.nn.functional.adaptive_max_pool1d"
    spatial = 1
    examples = (Example("float[B, C, L]", output_size=3),)

    output_size: Output1d
