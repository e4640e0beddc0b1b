"""Adam with the greatest gradient for its second moment."""

from specc.components import Optimizer
from specc.components.fields import NotNegative
from specc.stdlib.families.moments import Betas


class Adamax(Optimizer):
    """Adam with the greatest gradient for its second moment (`torch.optim.Adamax`).

    Kingma, Ba: Adam, a method for stochastic optimization, 2014, section 7.
    """

    target = "torch.optim.Adamax"

    lr: NotNegative = 2e-3
    betas: Betas = (0.9, 0.999)
    eps: NotNegative = 1e-8
    weight_decay: NotNegative = 0.0
    maximize: bool = False
