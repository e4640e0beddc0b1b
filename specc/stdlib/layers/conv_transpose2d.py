"""2-D transposed convolution."""

from specc.components.fields import Pair, PairCount, Size
from specc.stdlib.families.convolution import TransposedConvolution, transposed_examples


class ConvTranspose2d(TransposedConvolution):
    """The gradient of a 2-D convolution as a layer: enlarges (`torch.nn.ConvTranspose2d`).

    Input ``float[B, in, H, W]``, output ``float[B, out_channels, ...]`` where each spatial size
    becomes ``(size - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1``.

    Errors: ``groups`` that do not divide both channel counts; ``output_padding`` not less than the
    stride or the dilation; padding that leaves nothing.
    """

    signature = "float[B, in, H, W] -> float[B, out_channels, conv(H), conv(W)]"
    target = "torch.nn.ConvTranspose2d"
    spatial = 2
    weights = {
        "weight": "float[in, out_channels // groups, kernel(0), kernel(1)]",
        "bias": "float[out_channels]",
    }
    examples = transposed_examples(2)

    out_channels: Size
    kernel_size: Pair
    stride: Pair = (1, 1)
    padding: PairCount = (0, 0)
    output_padding: PairCount = (0, 0)
    groups: Size = 1
    bias: bool = True
    dilation: Pair = (1, 1)
