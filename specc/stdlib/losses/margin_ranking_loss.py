"""Which of two scores should be larger."""

from specc.components import Example
from specc.stdlib.families.loss import Comparison, Reduce


class MarginRankingLoss(Comparison):
    """``max(0, -target * (input1 - input2) + margin)`` (`torch.nn.functional.margin_ranking_loss`).

    Inputs ``float[...]`` three times, of one shape; the target is 1 where the first should rank
    higher, -1 where the second should. ``mask`` says which places count. Errors: shapes that
    differ.
    """

    signature = (
        "input1: float[...], input2: float[...], target: float[...], mask: mask[...M]? -> float[]"
    )
    target = "torch.nn.functional.margin_ranking_loss"
    examples = (
        Example({"input1": "float[B]", "input2": "float[B]", "target": "float[B]"}, margin=9.0),
        Example(
            {"input1": "float[B]", "input2": "float[B]", "target": "float[B]"},
            margin=9.0,
            reduction="none",
        ),
    )

    margin: float = 0.0
    reduction: Reduce = "mean"
