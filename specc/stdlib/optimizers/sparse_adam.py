"""Adam for sparse gradients, moments of untouched rows left alone."""

from specc.components import Optimizer
from specc.components.fields import Positive
from specc.stdlib.families.moments import Betas


class SparseAdam(Optimizer):
    """Adam for sparse gradients, moments of untouched rows left alone (`torch.optim.SparseAdam`).

    Every parameter must have sparse gradients, as that of `embedding(sparse=true)` has.
    """

    target = "torch.optim.SparseAdam"

    lr: Positive = 1e-3
    betas: Betas = (0.9, 0.999)
    eps: Positive = 1e-8
    maximize: bool = False
