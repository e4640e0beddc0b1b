"""3-D power-average pooling."""

from specc.components.fields import Positive, Triple
from specc.stdlib.families.pooling import Pooling, pooling_examples


class LpPool3d(Pooling):
    """``sum(x ** norm_type) ** (1 / norm_type)`` of each window (`torch.nn.functional.lp_pool3d`).

    Input ``float[B, C, D, H, W]``; each spatial size becomes
    ``(size - kernel_size) // stride + 1``, rounded up with ``ceil_mode``. ``stride`` is
    ``kernel_size`` where it is left out.

    Errors: a window larger than the input.
    """

    signature = "float[B, C, D, H, W] -> float[B, C, pool(D), pool(H), pool(W)]"
    target = "torch.nn.functional.lp_pool3d"
    spatial = 3
    examples = pooling_examples(3, norm_type=2.0)

    norm_type: Positive
    kernel_size: Triple
    stride: Triple | None = None
    ceil_mode: bool = False
