"""2-D max pooling."""

from specc.components import Example
from specc.components.fields import Pair, PairCount
from specc.stdlib.families.pooling import Pooling, pooling_examples


class MaxPool2d(Pooling):
    """The largest value of each window over an image (`torch.nn.functional.max_pool2d`).

    Input ``float[B, C, H, W]``; each spatial size becomes
    ``(size + 2*padding - dilation*(kernel_size - 1) - 1) // stride + 1``, rounded up with
    ``ceil_mode``. ``stride`` is ``kernel_size`` where it is left out.

    Errors: a window larger than the padded input; a padding of more than half of ``kernel_size``.
    """

    signature = "float[B, C, H, W] -> float[B, C, pool(H), pool(W)]"
    target = "torch.nn.functional.max_pool2d"
    spatial = 2
    examples = (
        *pooling_examples(2),
        Example("float[B, C, H, W]", kernel_size=2, padding=1, dilation=3),
    )

    kernel_size: Pair
    stride: Pair | None = None
    padding: PairCount = (0, 0)
    dilation: Pair = (1, 1)
    ceil_mode: bool = False
