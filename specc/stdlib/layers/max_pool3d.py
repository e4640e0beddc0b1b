"""3-D max pooling."""

from specc.components import Example
from specc.components.fields import Triple, TripleCount
from specc.stdlib.families.pooling import Pooling, pooling_examples


class MaxPool3d(Pooling):
    """The largest value of each window over a volume (`torch.nn.functional.max_pool3d`).

    Input ``float[B, C, D, H, W]``; each spatial size becomes
    ``(size + 2*padding - dilation*(kernel_size - 1) - 1) // stride + 1``, rounded up with
    ``ceil_mode``. ``stride`` is ``kernel_size`` where it is left out.

    Errors: a window larger than the padded input; a padding of more than half of ``kernel_size``.
    """

    signature = "float[B, C, D, H, W] -> float[B, C, pool(D), pool(H), pool(W)]"
    target = "torch.nn.functional.max_pool3d"
    spatial = 3
    examples = (
        *pooling_examples(3),
        Example("float[B, C, D, H, W]", kernel_size=2, padding=1, dilation=3),
    )

    kernel_size: Triple
    stride: Triple | None = None
    padding: TripleCount = (0, 0, 0)
    dilation: Triple = (1, 1, 1)
    ceil_mode: bool = False
