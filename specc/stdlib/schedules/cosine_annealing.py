"""Half a wave of the cosine."""

from typing import Any, Literal

from pydantic import Field

from specc.components import Schedule
from specc.components.fields import NotNegative


class CosineAnnealing(Schedule):
    """Brings the rate down to ``eta_min`` along half a cosine of ``T_max`` ticks
    (`torch.optim.lr_scheduler.CosineAnnealingLR`).

    ``T_max`` is by default all that is left of the run after the warm-up; after a smaller one the
    rate rises again. A tick is an update, or with ``by="epoch"`` an epoch.
    """

    target = "torch.optim.lr_scheduler.CosineAnnealingLR"

    T_max: int | None = Field(default=None, ge=1)
    eta_min: NotNegative = 0.0
    by: Literal["step", "epoch"] = "step"

    def arguments(self, ticks: int) -> dict[str, Any]:
        return super().arguments(ticks) | {"T_max": self.T_max or ticks}
