"""Up and down once."""

from typing import Any, Literal

from pydantic import Field

from specc.components import Refusal, Schedule
from specc.components.errors import BAD_SETTING
from specc.components.fields import Positive, Probability


class OneCycle(Schedule):
    """Takes the rate from ``max_lr / div_factor`` up to ``max_lr`` and down to the start divided by
    ``final_div_factor``, momentum the other way round (`torch.optim.lr_scheduler.OneCycleLR`).

    ``total_steps`` is by default all that is left of the run after the warm-up; it cannot be less.
    The rate of the optimizer is not used. ``cycle_momentum`` needs an optimizer that has momentum
    or betas. A tick is an update, or with ``by="epoch"`` an epoch.
    """

    target = "torch.optim.lr_scheduler.OneCycleLR"

    max_lr: Positive
    total_steps: int | None = Field(default=None, ge=1)
    pct_start: Probability = 0.3
    anneal_strategy: Literal["cos", "linear"] = "cos"
    cycle_momentum: bool = True
    base_momentum: Probability = 0.85
    max_momentum: Probability = 0.95
    div_factor: Positive = 25.0
    final_div_factor: Positive = 1e4
    three_phase: bool = False
    by: Literal["step", "epoch"] = "step"

    def arguments(self, ticks: int) -> dict[str, Any]:
        if self.total_steps is not None and self.total_steps < ticks:
            raise Refusal(
                BAD_SETTING,
                f"one_cycle ends after {self.total_steps} of {ticks} ticks",
                help="leave total_steps out to have the whole run",
                field="schedule",
            )
        return super().arguments(ticks) | {"total_steps": self.total_steps or ticks}
