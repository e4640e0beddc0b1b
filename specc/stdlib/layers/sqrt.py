"""Square roots."""

from specc.components import Example, FunctionLayer


class Sqrt(FunctionLayer):
    """The square root, value by value (`torch.sqrt`).

    Any shape, kept. Negative values give nan; the gradient at zero is infinite.
    """

    signature = "float[...] -> float[...]"
    target = "torch.sqrt"
    examples = (Example("probs[B, T]"),)
