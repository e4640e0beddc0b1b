"""Squares for small differences, absolute values for large ones."""

from specc.components import Example
from specc.components.fields import Positive
from specc.stdlib.families.loss import Difference, Reduce


class HuberLoss(Difference):
    """``d ** 2 / 2`` below ``delta``, ``delta * (abs(d) - delta / 2)`` above
    (`torch.nn.functional.huber_loss`).

    Inputs ``float[...]`` twice, of one shape; ``mask`` says which places count.
    Errors: shapes that differ, which torch would broadcast.
    """

    target = "torch.nn.functional.huber_loss"
    examples = (
        Example({"input": "float[B, T]", "target": "float[B, T]"}, delta=0.5),
        Example(
            {"input": "float[B, T]", "target": "float[B, T]", "mask": "mask[B, T]"},
            reduction="sum",
            delta=0.5,
        ),
        Example({"input": "float[B, T]", "target": "float[B, T]"}, reduction="none"),
    )

    reduction: Reduce = "mean"
    delta: Positive = 1.0
