"""Down to 0 along a power."""

from pydantic import Field

from specc.components import Schedule
from specc.components.fields import Positive


class Polynomial(Schedule):
    """Multiplies the rate by ``(1 - t / total_iters) ** power`` at tick ``t``, and by 0 after
    ``total_iters`` (`torch.optim.lr_scheduler.PolynomialLR`).

    A tick is an epoch, or with ``by="step"`` an update. torch's default of 5 ticks is kept: say
    how long the run is.
    """

    target = "torch.optim.lr_scheduler.PolynomialLR"

    total_iters: int = Field(default=5, ge=1)
    power: Positive = 1.0
