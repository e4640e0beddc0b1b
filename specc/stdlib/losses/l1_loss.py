"""The mean of absolute differences."""

from specc.stdlib.families.loss import Comparison, Reduce


class L1Loss(Comparison):
    """``abs(input - target).mean()`` (`torch.nn.functional.l1_loss`).

    Inputs ``float[...]`` twice, of one shape; ``mask`` says which places count.
    Errors: shapes that differ, which torch would broadcast.
    """

    target = "torch.nn.functional.l1_loss"

    reduction: Reduce = "mean"
