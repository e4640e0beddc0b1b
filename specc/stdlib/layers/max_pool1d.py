"""1-D max pooling."""

from specc.components import Example
from specc.components.fields import Single, SingleCount
from specc.stdlib.families.pooling import Pooling, pooling_examples


class MaxPool1d(Pooling):
    """The largest value of each window over a sequence (`torch.nn.functional.max_pool1d`).

    Input ``float[B, C, L]``; each spatial size becomes
    ``(size + 2*padding - dilation*(kernel_size - 1) - 1) // stride + 1``, rounded up with
    ``ceil_mode``. ``stride`` is ``kernel_size`` where it is left out.

    Errors: a window larger than the padded input; a padding of more than half of ``kernel_size``.
    """

    signature = "float[B, C, L] -> float[B, C, pool(L)]"
    target = "torch.nn.functional.max_pool1d"
    spatial = 1
    examples = (
        *pooling_examples(1),
        Example("float[B, C, L]", kernel_size=2, padding=1, dilation=3),
    )

    kernel_size: Single
    stride: Single | None = None
    padding: SingleCount = (0,)
    dilation: Single = (1,)
    ceil_mode: bool = False
