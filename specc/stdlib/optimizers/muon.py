"""Momentum whose steps are made orthogonal."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from specc.components import Optimizer
from specc.components.fields import NotNegative, as_tuple

Coefficients = Annotated[tuple[float, float, float], BeforeValidator(as_tuple)]


class Muon(Optimizer):
    """Momentum whose steps are made orthogonal (`torch.optim.Muon`).

    Jordan and others: Muon, an optimizer for hidden layers, 2024. It takes matrices
    alone: a model with biases, norms or convolutions is refused.
    """

    target = "torch.optim.Muon"

    lr: NotNegative = 1e-3
    weight_decay: NotNegative = 0.1
    momentum: NotNegative = 0.95
    nesterov: bool = True
    ns_coefficients: Coefficients = (3.4445, -4.775, 2.0315)
    eps: NotNegative = 1e-7
    ns_steps: Annotated[int, Field(ge=1, lt=100)] = 5
    adjust_lr_fn: Literal["original", "match_rms_adamw"] | None = None
