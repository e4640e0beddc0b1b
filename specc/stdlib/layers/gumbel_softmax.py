"""A differentiable draw from a categorical distribution."""

from specc.components import FunctionLayer, Site
from specc.components.fields import Axis, Positive
from specc.stdlib.families.sizes import axis_of


class GumbelSoftmax(FunctionLayer):
    """``softmax((x + gumbel noise) / tau)`` (`torch.nn.functional.gumbel_softmax`).

    Any shape, kept; the values along ``dim`` are probabilities that sum to one. With ``hard`` they
    are exactly 0 and 1, and the gradient is that of the soft ones.

    It draws in every mode, also when the model is evaluated or exported.
    """

    signature = "float[...] -> probs[...]"
    target = "torch.nn.functional.gumbel_softmax"

    tau: Positive = 1.0
    hard: bool = False
    dim: Axis = -1

    def infer(self, site: Site) -> None:
        (given,) = site.inputs.values()
        axis_of(given, self.dim, field="dim")
