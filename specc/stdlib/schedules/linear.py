"""An even change."""

from typing import Annotated

from pydantic import Field

from specc.components import Schedule
from specc.components.fields import Probability


class Linear(Schedule):
    """Multiplies the rate by a factor that moves evenly from ``start_factor`` to ``end_factor``
    over ``total_iters`` ticks and stays there (`torch.optim.lr_scheduler.LinearLR`).

    A tick is an epoch, or with ``by="step"`` an update.
    """

    target = "torch.optim.lr_scheduler.LinearLR"

    start_factor: Annotated[float, Field(gt=0, le=1)] = 1 / 3
    end_factor: Probability = 1.0
    total_iters: int = Field(default=5, ge=1)
