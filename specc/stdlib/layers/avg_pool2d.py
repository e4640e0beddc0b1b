"""2-D average pooling."""

from specc.components import Example
from specc.components.fields import Pair, PairCount, Size
from specc.stdlib.families.pooling import Pooling, pooling_examples


class AvgPool2d(Pooling):
    """The mean of each window over an image (`torch.nn.functional.avg_pool2d`).

    Input ``float[B, C, H, W]``; each spatial size becomes
    ``(size + 2*padding - kernel_size) // stride + 1``, rounded up with ``ceil_mode``. ``stride`` is
    ``kernel_size`` where it is left out. Without ``count_include_pad`` the padding does not count
    in the mean; ``divisor_override`` sets what the sum is divided by.

    Errors: a window larger than the padded input; a padding of more than half of ``kernel_size``.
    """

    signature = "float[B, C, H, W] -> float[B, C, pool(H), pool(W)]"
    target = "torch.nn.functional.avg_pool2d"
    spatial = 2
    examples = (
        *pooling_examples(2),
        Example("float[B, C, H, W]", kernel_size=3, padding=1, count_include_pad=False),
        Example("float[B, C, H, W]", kernel_size=2, divisor_override=3),
    )

    kernel_size: Pair
    stride: Pair | None = None
    padding: PairCount = (0, 0)
    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: Size | None = None
