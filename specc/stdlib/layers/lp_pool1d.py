"""1-D power-average pooling."""

from specc.components import Example
from specc.components.fields import Positive, Single, Size
from specc.stdlib.families.pooling import Pooling


class LpPool1d(Pooling):
    """``sum(x ** norm_type) ** (1 / norm_type)`` of each window (`torch.nn.functional.lp_pool1d`).

    Input ``float[B, C, L]``; each spatial size becomes ``(size - kernel_size) // stride + 1``,
    rounded up with ``ceil_mode``. ``stride`` is ``kernel_size`` where it is left out.

    Errors: a window larger than the input.
    """

    signature = "float[B, C, L] -> float[B, C, pool(L)]"
    target = "torch.nn.functional.lp_pool1d"
    spatial = 1
    examples = (
        Example("float[B, C, L]", norm_type=2.0, kernel_size=2),
        Example("float[B, C, L]", norm_type=2.0, kernel_size=3, stride=2, ceil_mode=True),
    )

    norm_type: Positive
    kernel_size: Size
    stride: Single | None = None
    ceil_mode: bool = False
