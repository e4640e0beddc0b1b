"""2-D power-average pooling."""

from specc.components.fields import Pair, Positive
from specc.stdlib.families.pooling import Pooling, pooling_examples


class LpPool2d(Pooling):
    """``sum(x ** norm_type) ** (1 / norm_type)`` of each window (`torch.nn.functional.lp_pool2d`).

    Input ``float[B, C, H, W]``; each spatial size becomes ``(size - kernel_size) // stride + 1``,
    rounded up with ``ceil_mode``. ``stride`` is ``kernel_size`` where it is left out.

    Errors: a window larger than the input.
    """

    signature = "float[B, C, H, W] -> float[B, C, pool(H), pool(W)]"
    target = "torch.nn.functional.lp_pool2d"
    spatial = 2
    examples = pooling_examples(2, norm_type=2.0)

    norm_type: Positive
    kernel_size: Pair
    stride: Pair | None = None
    ceil_mode: bool = False
