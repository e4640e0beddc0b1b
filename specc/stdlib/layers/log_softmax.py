"""Logarithms of probabilities from logits."""

from specc.components import Example
from specc.stdlib.families.distribution import AlongAxis


class LogSoftmax(AlongAxis):
    """``x - log(exp(x).sum(dim))`` (`torch.nn.functional.log_softmax`).

    Any shape, kept; the values along ``dim`` are logarithms of probabilities that sum to one.
    ``dim`` may be left out for ``float[B, classes]`` alone: torch's own guess is deprecated.

    Errors: no ``dim`` where there are several axes to choose from. `nll_loss` wants its result;
    `cross_entropy` applies it itself.
    """

    signature = "float[...] -> log_probs[...]"
    target = "torch.nn.functional.log_softmax"
    examples = (
        Example("float[B, C]"),
        Example("float[B, C, H, W]", dim=1),
    )
