"""The mean distance."""

from specc.stdlib.families.scoring import NumberMetric


class Mae(NumberMetric):
    """The mean of ``abs(predicted - target)`` (`torchmetrics.MeanAbsoluteError`).

    Inputs: predicted and target, both ``float[...]`` of one shape.
    """

    metric = "MeanAbsoluteError"
    direction = "min"
