"""Adam with weights that shrink by themselves."""

from specc.components import Optimizer
from specc.components.fields import NotNegative
from specc.stdlib.families.moments import Betas


class Adamw(Optimizer):
    """Adam with weights that shrink by themselves (`torch.optim.AdamW`).

    Loshchilov, Hutter: Decoupled weight decay regularization, 2017.
    """

    target = "torch.optim.AdamW"
    fused_on = ("cpu", "cuda")

    lr: NotNegative = 1e-3
    betas: Betas = (0.9, 0.999)
    eps: NotNegative = 1e-8
    weight_decay: NotNegative = 1e-2
    amsgrad: bool = False
    maximize: bool = False
