"""1-D convolution."""

from specc.components.fields import Single, Size
from specc.stdlib.families.convolution import (
    Convolution,
    Padding1d,
    PaddingMode,
    convolution_examples,
)


class Conv1d(Convolution):
    """Convolves a sequence with learned kernels (`torch.nn.Conv1d`).

    Input ``float[B, in, L]``, output ``float[B, out_channels, ...]`` where each spatial size
    becomes ``(size + 2*padding - dilation*(kernel_size - 1) - 1) // stride + 1``.

    Errors: a kernel larger than the padded input; ``groups`` that do not divide both channel
    counts; ``padding="same"`` with a stride.
    """

    signature = "float[B, in, L] -> float[B, out_channels, conv(L)]"
    target = "torch.nn.Conv1d"
    spatial = 1
    weights = {
        "weight": "float[out_channels, in // groups, kernel(0)]",
        "bias": "float[out_channels]",
    }
    examples = convolution_examples(1)

    out_channels: Size
    kernel_size: Single
    stride: Single = (1,)
    padding: Padding1d = (0,)
    dilation: Single = (1,)
    groups: Size = 1
    bias: bool = True
    padding_mode: PaddingMode = "zeros"
