"""The logistic loss of signs."""

from specc.components import Example
from specc.stdlib.families.loss import Comparison, Reduce


class SoftMarginLoss(Comparison):
    """``log(1 + exp(-target * input))`` (`torch.nn.functional.soft_margin_loss`).

    Inputs ``float[...]`` twice, of one shape; the target is 1 or -1. ``mask`` says which places
    count. Errors: shapes that differ.
    """

    signature = "input: float[...], target: float[...], mask: mask[...M]? -> float[]"
    target = "torch.nn.functional.soft_margin_loss"
    examples = (
        Example({"input": "float[B, T]", "target": "float[B, T]"}),
        Example(
            {"input": "float[B, T]", "target": "float[B, T]", "mask": "mask[B, T]"}, reduction="sum"
        ),
        Example({"input": "float[B, T]", "target": "float[B, T]"}, reduction="none"),
    )

    reduction: Reduce = "mean"
