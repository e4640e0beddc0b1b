"""Soft shrinkage."""

from specc.components import FunctionLayer
from specc.components.fields import NotNegative


class Softshrink(FunctionLayer):
    """``x`` moved towards zero by ``lambd``, and 0 within it (`torch.nn.functional.softshrink`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.softshrink"

    lambd: NotNegative = 0.5
