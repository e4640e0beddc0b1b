"""3-D convolution."""

from specc.components.fields import Size, Triple
from specc.stdlib.families.convolution import (
    Convolution,
    Padding3d,
    PaddingMode,
    convolution_examples,
)


class Conv3d(Convolution):
    """Convolves a volume with learned kernels (`torch.nn.Conv3d`).

    Input ``float[B, in, D, H, W]``, output ``float[B, out_channels, ...]`` where each spatial size
    becomes ``(size + 2*padding - dilation*(kernel_size - 1) - 1) // stride + 1``.

    Errors: a kernel larger than the padded input; ``groups`` that do not divide both channel
    counts; ``padding="same"`` with a stride.
    """

    signature = "float[B, in, D, H, W] -> float[B, out_channels, conv(D), conv(H), conv(W)]"
    target = "torch.nn.Conv3d"
    spatial = 3
    weights = {
        "weight": "float[out_channels, in // groups, kernel(0), kernel(1), kernel(2)]",
        "bias": "float[out_channels]",
    }
    examples = convolution_examples(3)

    out_channels: Size
    kernel_size: Triple
    stride: Triple = (1, 1, 1)
    padding: Padding3d = (0, 0, 0)
    dilation: Triple = (1, 1, 1)
    groups: Size = 1
    bias: bool = True
    padding_mode: PaddingMode = "zeros"
