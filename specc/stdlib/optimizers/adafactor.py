"""Adam with second moments kept by row and column."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from specc.components import Optimizer
from specc.components.fields import NotNegative, as_tuple

FactorEps = Annotated[tuple[float | None, float], BeforeValidator(as_tuple)]
"""Of the squared gradient (``None``: the smallest float) and of the weights' scale."""


class Adafactor(Optimizer):
    """Adam with second moments kept by row and column (`torch.optim.Adafactor`).

    Shazeer, Stern: Adaptive learning rates with sublinear memory cost, 2018.
    """

    target = "torch.optim.Adafactor"

    lr: NotNegative = 1e-2
    beta2_decay: Annotated[float, Field(le=0)] = -0.8
    eps: FactorEps = (None, 1e-3)
    d: Annotated[float, Field(ge=1)] = 1.0
    weight_decay: NotNegative = 0.0
    maximize: bool = False
