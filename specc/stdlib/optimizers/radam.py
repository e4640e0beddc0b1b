"""Adam that starts with plain momentum until its variance is known."""

from specc.components import Optimizer
from specc.components.fields import NotNegative
from specc.stdlib.families.moments import Betas


class Radam(Optimizer):
    """Adam that starts with plain momentum until its variance is known (`torch.optim.RAdam`).

    Liu and others: On the variance of the adaptive learning rate and beyond, 2019.
    """

    target = "torch.optim.RAdam"

    lr: NotNegative = 1e-3
    betas: Betas = (0.9, 0.999)
    eps: NotNegative = 1e-8
    weight_decay: NotNegative = 0.0
    decoupled_weight_decay: bool = False
    maximize: bool = False
