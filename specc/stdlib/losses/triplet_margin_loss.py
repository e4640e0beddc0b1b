"""Nearer to its like than to its unlike."""

from specc.components import Example, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import NotNegative, Positive
from specc.stdlib.families.loss import Comparison, Reduce
from specc.types.tensor import Dims


class TripletMarginLoss(Comparison):
    """``max(0, distance(anchor, positive) - distance(anchor, negative) + margin)``
    (`torch.nn.functional.triplet_margin_loss`).

    Inputs ``float[B, D]`` three times, of one shape; distances are along the last axis.
    ``mask[B]`` says which rows count. Errors: shapes that differ.
    """

    signature = (
        "anchor: float[...], positive: float[...], negative: float[...], mask: mask[...M]? "
        "-> float[]"
    )
    target = "torch.nn.functional.triplet_margin_loss"
    examples = (
        Example(
            {
                "anchor": "float[B, D]",
                "positive": "float[B, D]",
                "negative": "float[B, D]",
                "mask": "mask[B]",
            },
            margin=90.0,
        ),
        Example(
            {"anchor": "float[B, D]", "positive": "float[B, D]", "negative": "float[B, D]"},
            margin=90.0,
            p=1.0,
            eps=0.5,
            swap=True,
            reduction="none",
        ),
    )

    margin: Positive = 1.0
    p: Positive = 2.0
    eps: NotNegative = 1e-6
    swap: bool = False
    reduction: Reduce = "mean"

    def shape(self, site: Site) -> Dims:
        anchor = site.inputs["anchor"]
        if anchor.rank < 2:
            raise Refusal(
                BAD_SHAPE, f"vectors are compared: float[B, D], not {anchor}", tensor="anchor"
            )
        return anchor.dims[:-1]
