"""Steps scaled by running means of squared gradients and squared steps."""

from specc.components import Optimizer
from specc.components.fields import NotNegative, Probability


class Adadelta(Optimizer):
    """Steps scaled by running means of theirs and of gradients' squares (`torch.optim.Adadelta`).

    Zeiler: ADADELTA, an adaptive learning rate method, 2012.
    """

    target = "torch.optim.Adadelta"

    lr: NotNegative = 1.0
    rho: Probability = 0.9
    eps: NotNegative = 1e-6
    weight_decay: NotNegative = 0.0
    maximize: bool = False
