"""Powers."""

from specc.components import Example, FunctionLayer


class Pow(FunctionLayer):
    """``x ** exponent``, value by value (`torch.pow`).

    Any shape, kept. Negative values give nan unless the exponent is whole.
    """

    signature = "float[...] -> float[...]"
    target = "torch.pow"
    examples = (
        Example("probs[B, T]", exponent=2),
        Example("probs[B, T]", exponent=0.5),
    )

    exponent: float | int
