"""Distances of pairs that belong together or do not."""

from specc.components import Example
from specc.stdlib.families.loss import Comparison, Reduce


class HingeEmbeddingLoss(Comparison):
    """``input`` where the target is 1, ``max(0, margin - input)`` where it is -1
    (`torch.nn.functional.hinge_embedding_loss`).

    Inputs ``float[...]`` twice, of one shape; the target is 1 or -1. ``mask`` says which places
    count. Errors: shapes that differ.
    """

    signature = "input: float[...], target: float[...], mask: mask[...M]? -> float[]"
    target = "torch.nn.functional.hinge_embedding_loss"
    examples = (
        Example({"input": "float[B, T]", "target": "float[B, T]"}, margin=8.0),
        Example(
            {"input": "float[B, T]", "target": "float[B, T]", "mask": "mask[B, T]"},
            reduction="sum",
            margin=8.0,
        ),
        Example({"input": "float[B, T]", "target": "float[B, T]"}, reduction="none"),
    )

    margin: float = 1.0
    reduction: Reduce = "mean"
