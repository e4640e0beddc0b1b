"""Adam: steps scaled by running moments of the gradient."""

from specc.components import Optimizer
from specc.components.fields import NotNegative
from specc.stdlib.families.moments import Betas


class Adam(Optimizer):
    """Adam: steps scaled by running moments of the gradient (`torch.optim.Adam`).

    Kingma, Ba: Adam, a method for stochastic optimization, 2014. ``weight_decay`` adds the weights
    to their gradients; with ``decoupled_weight_decay`` they shrink by themselves, as in adamw.
    """

    target = "torch.optim.Adam"
    fused_on = ("cpu", "cuda")

    lr: NotNegative = 1e-3
    betas: Betas = (0.9, 0.999)
    eps: NotNegative = 1e-8
    weight_decay: NotNegative = 0.0
    amsgrad: bool = False
    maximize: bool = False
    decoupled_weight_decay: bool = False
