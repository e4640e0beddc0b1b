"""The mean of squared differences."""

from specc.components import Example
from specc.stdlib.families.loss import Difference, Reduce


class MseLoss(Difference):
    """``((input - target) ** 2).mean()`` (`torch.nn.functional.mse_loss`).

    Inputs ``float[...]`` twice, of one shape; ``mask`` says which places count.
    Errors: shapes that differ, which torch would broadcast.
    """

    target = "torch.nn.functional.mse_loss"
    examples = (
        Example({"input": "float[B, T]", "target": "float[B, T]"}),
        Example(
            {"input": "float[B, T]", "target": "float[B, T]", "mask": "mask[B, T]"}, reduction="sum"
        ),
        Example({"input": "float[B, T]", "target": "float[B, T]"}, reduction="none"),
    )

    reduction: Reduce = "mean"
