"""Continuously differentiable exponential linear unit."""

from pydantic import field_validator

from specc.components import FunctionLayer


class Celu(FunctionLayer):
    """``max(0, x) + min(0, alpha * (exp(x / alpha) - 1))`` (`torch.nn.functional.celu`).

    Any shape, kept.

    Errors: ``alpha`` is zero.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.celu"

    alpha: float = 1.0

    @field_validator("alpha")
    @classmethod
    def _not_zero(cls, value: float) -> float:
        if value == 0:
            raise ValueError("may not be 0: the formula divides by it")
        return value
