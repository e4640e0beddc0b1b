"""Averaged stochastic gradient descent."""

from specc.components import Optimizer
from specc.components.fields import NotNegative


class Asgd(Optimizer):
    """Averaged stochastic gradient descent (`torch.optim.ASGD`).

    Polyak, Juditsky: Acceleration of stochastic approximation by averaging, 1992. The model
    trains with the plain weights; their average, begun at step ``t0``, is a state of the optimizer.
    """

    target = "torch.optim.ASGD"

    lr: NotNegative = 1e-2
    lambd: float = 1e-4
    alpha: float = 0.75
    t0: float = 1e6
    weight_decay: NotNegative = 0.0
    maximize: bool = False
