"""Drops at given times."""

from specc.components import Schedule
from specc.components.fields import Ints, Positive


class MultiStep(Schedule):
    """Multiplies the rate by ``gamma`` at each of the ticks ``milestones``
    (`torch.optim.lr_scheduler.MultiStepLR`).

    A tick is an epoch, or with ``by="step"`` an update.
    """

    target = "torch.optim.lr_scheduler.MultiStepLR"

    milestones: Ints
    gamma: Positive = 0.1
