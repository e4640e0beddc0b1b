"""A drop every so often."""

from pydantic import Field

from specc.components import Schedule
from specc.components.fields import Positive


class Step(Schedule):
    """Multiplies the rate by ``gamma`` every ``step_size`` ticks
    (`torch.optim.lr_scheduler.StepLR`).

    A tick is an epoch, or with ``by="step"`` an update.
    """

    target = "torch.optim.lr_scheduler.StepLR"

    step_size: int = Field(ge=1)
    gamma: Positive = 0.1
