"""What the hyperbolic tangent takes away."""

from specc.components import FunctionLayer


class Tanhshrink(FunctionLayer):
    """``x - tanh(x)``, value by value (`torch.nn.functional.tanhshrink`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.tanhshrink"
