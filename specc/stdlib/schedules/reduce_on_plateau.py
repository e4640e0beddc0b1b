"""A drop when nothing gets better."""

from typing import Any, Literal

from pydantic import Field

from specc.components import Direction, Schedule, Score
from specc.components.fields import NotNegative, Probability


class ReduceOnPlateau(Schedule):
    """Multiplies the rate by ``factor`` when ``metric`` has not become better for more than
    ``patience`` epochs (`torch.optim.lr_scheduler.ReduceLROnPlateau`).

    ``reduce_on_plateau(val.loss, patience=3)``. Which way is better follows from the metric, or is
    ``mode``: ``"max"`` or ``"min"``. It looks at the score after every epoch.
    """

    target = "torch.optim.lr_scheduler.ReduceLROnPlateau"

    metric: Score
    mode: Direction | None = None
    factor: Probability = 0.1
    patience: int = Field(default=10, ge=0)
    threshold: NotNegative = 1e-4
    threshold_mode: Literal["rel", "abs"] = "rel"
    cooldown: int = Field(default=0, ge=0)
    min_lr: NotNegative = 0.0
    eps: NotNegative = 1e-8
    by: Literal["epoch"] = "epoch"

    def arguments(self, ticks: int) -> dict[str, Any]:
        arguments = super().arguments(ticks)
        del arguments["metric"]
        return arguments

    def watches(self) -> tuple[Score, Direction | None]:
        return self.metric, self.mode
