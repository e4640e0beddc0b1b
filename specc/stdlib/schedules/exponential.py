"""A constant ratio."""

from specc.components import Schedule
from specc.components.fields import Positive


class Exponential(Schedule):
    """Multiplies the rate by ``gamma`` at every tick (`torch.optim.lr_scheduler.ExponentialLR`).

    A tick is an epoch, or with ``by="step"`` an update.
    """

    target = "torch.optim.lr_scheduler.ExponentialLR"

    gamma: Positive
