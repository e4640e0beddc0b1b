"""A smaller rate at first."""

from pydantic import Field

from specc.components import Schedule
from specc.components.fields import Probability


class Constant(Schedule):
    """Multiplies the rate by ``factor`` for ``total_iters`` ticks, by 1 afterwards
    (`torch.optim.lr_scheduler.ConstantLR`).

    A tick is an epoch, or with ``by="step"`` an update.
    """

    target = "torch.optim.lr_scheduler.ConstantLR"

    factor: Probability = 1 / 3
    total_iters: int = Field(default=5, ge=1)
