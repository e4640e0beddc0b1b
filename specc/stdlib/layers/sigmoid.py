"""The logistic function."""

from specc.components import FunctionLayer


class Sigmoid(FunctionLayer):
    """``1 / (1 + exp(-x))``, value by value (`torch.sigmoid`).

    Any shape, kept; the values are probabilities, each of its own. A loss that wants logits, such
    as `binary_cross_entropy_with_logits`, applies it itself.
    """

    signature = "float[...] -> probs[...]"
    target = "torch.sigmoid"
