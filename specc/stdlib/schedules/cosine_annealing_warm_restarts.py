"""Waves of the cosine that start again."""

from typing import Literal

from pydantic import Field

from specc.components import Schedule
from specc.components.fields import NotNegative


class CosineAnnealingWarmRestarts(Schedule):
    """Brings the rate down to ``eta_min`` along half a cosine of ``T_0`` ticks, then starts again,
    each wave ``T_mult`` times as long as the one before
    (`torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`).

    A tick is an epoch, or with ``by="step"`` an update.
    """

    target = "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts"

    T_0: int = Field(ge=1)
    T_mult: int = Field(default=1, ge=1)
    eta_min: NotNegative = 0.0
    by: Literal["step", "epoch"] = "epoch"
