"""1-D average pooling."""

from specc.components import Example
from specc.components.fields import Single, SingleCount
from specc.stdlib.families.pooling import Pooling, pooling_examples


class AvgPool1d(Pooling):
    """The mean of each window over a sequence (`torch.nn.functional.avg_pool1d`).

    Input ``float[B, C, L]``; each spatial size becomes
    ``(size + 2*padding - kernel_size) // stride + 1``, rounded up with ``ceil_mode``. ``stride`` is
    ``kernel_size`` where it is left out. Without ``count_include_pad`` the padding does not count
    in the mean.

    Errors: a window larger than the padded input; a padding of more than half of ``kernel_size``.
    """

    signature = "float[B, C, L] -> float[B, C, pool(L)]"
    target = "torch.nn.functional.avg_pool1d"
    spatial = 1
    examples = (
        *pooling_examples(1),
        Example("float[B, C, L]", kernel_size=3, padding=1, count_include_pad=False),
    )

    kernel_size: Single
    stride: Single | None = None
    padding: SingleCount = (0,)
    ceil_mode: bool = False
    count_include_pad: bool = True
