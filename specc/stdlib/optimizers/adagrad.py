"""Steps scaled by the sum of all squared gradients."""

from specc.components import Optimizer
from specc.components.fields import NotNegative


class Adagrad(Optimizer):
    """Steps scaled by the sum of all squared gradients (`torch.optim.Adagrad`).

    Duchi, Hazan, Singer: Adaptive subgradient methods, 2011.
    """

    target = "torch.optim.Adagrad"
    fused_on = ("cpu",)

    lr: NotNegative = 1e-2
    lr_decay: NotNegative = 0.0
    weight_decay: NotNegative = 0.0
    initial_accumulator_value: NotNegative = 0.0
    eps: NotNegative = 1e-10
    maximize: bool = False
