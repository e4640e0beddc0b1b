"""The logistic loss of signs."""

from specc.stdlib.families.loss import Comparison, Reduce


class SoftMarginLoss(Comparison):
    """``log(1 + exp(-target * input))`` (`torch.nn.functional.soft_margin_loss`).

    Inputs ``float[...]`` twice, of one shape; the target is 1 or -1. ``mask`` says which places
    count. Errors: shapes that differ.
    """

    signature = "input: float[...], target: float[...], mask: mask[...M]? -> float[]"
    target = "torch.nn.functional.soft_margin_loss"

    reduction: Reduce = "mean"
