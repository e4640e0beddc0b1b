"""Squares for small differences, absolute values for large ones."""

from specc.components import Example
from specc.components.fields import NotNegative
from specc.stdlib.families.loss import Difference, Reduce


class SmoothL1Loss(Difference):
    """``d ** 2 / (2 * beta)`` below ``beta``, ``abs(d) - beta / 2`` above
    (`torch.nn.functional.smooth_l1_loss`).

    Inputs ``float[...]`` twice, of one shape; ``mask`` says which places count.
    Errors: shapes that differ, which torch would broadcast.
    """

    target = "torch.nn.functional.smooth_l1_loss"
    examples = (
        Example({"input": "float[B, T]", "target": "float[B, T]"}, beta=0.5),
        Example(
            {"input": "float[B, T]", "target": "float[B, T]", "mask": "mask[B, T]"},
            reduction="sum",
            beta=0.5,
        ),
        Example({"input": "float[B, T]", "target": "float[B, T]"}, reduction="none"),
    )

    reduction: Reduce = "mean"
    beta: NotNegative = 1.0
