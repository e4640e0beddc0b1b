"""Stochastic gradient descent with momentum."""

from specc.components import Optimizer
from specc.components.fields import NotNegative


class Sgd(Optimizer):
    """Stochastic gradient descent with momentum (`torch.optim.SGD`).

    ``momentum`` keeps a running mean of gradients, of which ``nesterov`` looks one step ahead;
    ``weight_decay`` adds the weights to their gradients.
    """

    target = "torch.optim.SGD"
    fused_on = ("cpu", "cuda")

    lr: NotNegative = 1e-3
    momentum: NotNegative = 0.0
    dampening: float = 0.0
    weight_decay: NotNegative = 0.0
    nesterov: bool = False
    maximize: bool = False
