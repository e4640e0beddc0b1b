"""Steps that follow the signs of the gradient alone."""

from specc.components import Optimizer
from specc.components.fields import FloatPair, NotNegative


class Rprop(Optimizer):
    """Steps that follow the signs of the gradient alone (`torch.optim.Rprop`).

    Riedmiller, Braun: A direct adaptive method for faster backpropagation learning, 1993. It
    is meant for gradients of all rows together: give it one batch an epoch.
    """

    target = "torch.optim.Rprop"

    lr: NotNegative = 1e-2
    etas: FloatPair = (0.5, 1.2)
    step_sizes: FloatPair = (1e-6, 50.0)
    maximize: bool = False
