"""The mean squared distance."""

from specc.stdlib.families.scoring import NumberMetric


class Mse(NumberMetric):
    """The mean of ``(predicted - target) ** 2`` (`torchmetrics.MeanSquaredError`).

    Inputs: predicted and target, both ``float[...]`` of one shape.
    """

    metric = "MeanSquaredError"
    direction = "min"
