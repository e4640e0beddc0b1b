"""Up and down again and again."""

from typing import Literal

from pydantic import Field

from specc.components import Schedule
from specc.components.fields import NotNegative, Positive, Probability


class Cyclic(Schedule):
    """Moves the rate between ``base_lr`` and ``max_lr`` in triangles, momentum the other way round
    (`torch.optim.lr_scheduler.CyclicLR`).

    ``triangular2`` halves the height with each cycle, ``exp_range`` scales it by ``gamma`` to the
    power of the tick. The rate of the optimizer is not used. ``cycle_momentum`` needs an optimizer
    that has momentum or betas. A tick is an update, or with ``by="epoch"`` an epoch.
    """

    target = "torch.optim.lr_scheduler.CyclicLR"

    base_lr: NotNegative
    max_lr: Positive
    step_size_up: int = Field(default=2000, ge=1)
    step_size_down: int | None = Field(default=None, ge=1)
    mode: Literal["triangular", "triangular2", "exp_range"] = "triangular"
    gamma: Positive = 1.0
    cycle_momentum: bool = True
    base_momentum: Probability = 0.8
    max_momentum: Probability = 0.9
    by: Literal["step", "epoch"] = "step"
