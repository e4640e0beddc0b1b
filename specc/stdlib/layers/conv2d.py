"""2-D convolution."""

from specc.components.fields import Pair, Size
from specc.stdlib.families.convolution import (
    Convolution,
    Padding2d,
    PaddingMode,
    convolution_examples,
)


class Conv2d(Convolution):
    """Convolves an image with learned kernels (`torch.nn.Conv2d`).

    Input ``float[B, in, H, W]``, output ``float[B, out_channels, ...]`` where each spatial size
    becomes ``(size + 2*padding - dilation*(kernel_size - 1) - 1) // stride + 1``.

    Errors: a kernel larger than the padded input; ``groups`` that do not divide both channel
    counts; ``padding="same"`` with a stride.
    """

    signature = "float[B, in, H, W] -> float[B, out_channels, conv(H), conv(W)]"
    target = "torch.nn.Conv2d"
    spatial = 2
    weights = {
        "weight": "float[out_channels, in // groups, kernel(0), kernel(1)]",
        "bias": "float[out_channels]",
    }
    examples = convolution_examples(2)

    out_channels: Size
    kernel_size: Pair
    stride: Pair = (1, 1)
    padding: Padding2d = (0, 0)
    dilation: Pair = (1, 1)
    groups: Size = 1
    bias: bool = True
    padding_mode: PaddingMode = "zeros"
