"""Adam with Nesterov's momentum."""

from specc.components import Optimizer
from specc.components.fields import NotNegative
from specc.stdlib.families.moments import Betas


class Nadam(Optimizer):
    """Adam with Nesterov's momentum (`torch.optim.NAdam`).

    Dozat: Incorporating Nesterov momentum into Adam, 2016.
    """

    target = "torch.optim.NAdam"

    lr: NotNegative = 2e-3
    betas: Betas = (0.9, 0.999)
    eps: NotNegative = 1e-8
    weight_decay: NotNegative = 0.0
    momentum_decay: NotNegative = 4e-3
    decoupled_weight_decay: bool = False
    maximize: bool = False
