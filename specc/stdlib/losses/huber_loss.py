"""Squares for small differences, absolute values for large ones."""

from specc.components.fields import Positive
from specc.stdlib.families.loss import Comparison, Reduce


class HuberLoss(Comparison):
    """``d ** 2 / 2`` below ``delta``, ``delta * (abs(d) - delta / 2)`` above
    (`torch.nn.functional.huber_loss`).

    Inputs ``float[...]`` twice, of one shape; ``mask`` says which places count.
    Errors: shapes that differ, which torch would broadcast.
    """

    target = "torch.nn.functional.huber_loss"

    reduction: Reduce = "mean"
    delta: Positive = 1.0
