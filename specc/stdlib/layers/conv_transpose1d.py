"""1-D transposed convolution."""

from specc.components.fields import Single, SingleCount, Size
from specc.stdlib.families.convolution import TransposedConvolution, transposed_examples


class ConvTranspose1d(TransposedConvolution):
    """The gradient of a 1-D convolution as a layer: enlarges (`torch.nn.ConvTranspose1d`).

    Input ``float[B, in, L]``, output ``float[B, out_channels, ...]`` where each spatial size
    becomes ``(size - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1``.

    Errors: ``groups`` that do not divide both channel counts; ``output_padding`` not less than the
    stride or the dilation; padding that leaves nothing.
    """

    signature = "float[B, in, L] -> float[B, out_channels, conv(L)]"
    target = "torch.nn.ConvTranspose1d"
    spatial = 1
    weights = {
        "weight": "float[in, out_channels // groups, kernel(0)]",
        "bias": "float[out_channels]",
    }
    examples = transposed_examples(1)

    out_channels: Size
    kernel_size: Single
    stride: Single = (1,)
    padding: SingleCount = (0,)
    output_padding: SingleCount = (0,)
    groups: Size = 1
    bias: bool = True
    dilation: Single = (1,)
