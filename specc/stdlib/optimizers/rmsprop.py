"""Steps scaled by a running mean of squared gradients."""

from specc.components import Optimizer
from specc.components.fields import NotNegative


class Rmsprop(Optimizer):
    """Steps scaled by a running mean of squared gradients (`torch.optim.RMSprop`).

    Tieleman, Hinton: lecture 6.5 of Neural networks for machine learning, 2012.
    """

    target = "torch.optim.RMSprop"

    lr: NotNegative = 1e-2
    alpha: NotNegative = 0.99
    eps: NotNegative = 1e-8
    weight_decay: NotNegative = 0.0
    momentum: NotNegative = 0.0
    centered: bool = False
    maximize: bool = False
