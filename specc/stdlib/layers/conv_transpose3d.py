"""3-D transposed convolution."""

from specc.components.fields import Size, Triple, TripleCount
from specc.stdlib.families.convolution import TransposedConvolution, transposed_examples


class ConvTranspose3d(TransposedConvolution):
    """The gradient of a 3-D convolution as a layer: enlarges (`torch.nn.ConvTranspose3d`).

    Input ``float[B, in, D, H, W]``, output ``float[B, out_channels, ...]`` where each spatial size
    becomes ``(size - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1``.

    Errors: ``groups`` that do not divide both channel counts; ``output_padding`` not less than the
    stride or the dilation; padding that leaves nothing.
    """

    signature = "float[B, in, D, H, W] -> float[B, out_channels, conv(D), conv(H), conv(W)]"
    target = "torch.nn.ConvTranspose3d"
    spatial = 3
    weights = {
        "weight": "float[in, out_channels // groups, kernel(0), kernel(1), kernel(2)]",
        "bias": "float[out_channels]",
    }
    examples = transposed_examples(3)

    out_channels: Size
    kernel_size: Triple
    stride: Triple = (1, 1, 1)
    padding: TripleCount = (0, 0, 0)
    output_padding: TripleCount = (0, 0, 0)
    groups: Size = 1
    bias: bool = True
    dilation: Triple = (1, 1, 1)
