"""The root of the mean squared distance."""

from specc.components import Site
from specc.ir import expr as ir
from specc.stdlib.families.scoring import NumberMetric, accumulator


class Rmse(NumberMetric):
    """The root of the mean of ``(predicted - target) ** 2`` (`torchmetrics.MeanSquaredError`).

    Inputs: predicted and target, both ``float[...]`` of one shape.
    """

    metric = "MeanSquaredError"
    direction = "min"

    def lower(self, site: Site) -> ir.Construct:
        return accumulator("Regressed", metric=self.metric, squared=False)
