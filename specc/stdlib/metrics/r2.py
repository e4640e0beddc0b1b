"""How much of the spread is explained."""

from specc.stdlib.families.scoring import NumberMetric


class R2(NumberMetric):
    """The share of the targets' variance that is predicted (`torchmetrics.R2Score`).

    1 is perfect, 0 is as good as always saying their mean.

    Inputs: predicted and target, both ``float[...]`` of one shape.
    """

    metric = "R2Score"
    direction = "max"
