"""Normalisation over neighbouring channels."""

from specc.components import FunctionLayer
from specc.components.fields import Size


class LocalResponseNorm(FunctionLayer):
    """Divides by the strength of neighbouring channels (`torch.nn.functional.local_response_norm`).

    ``x / (k + alpha * m) ** beta`` with ``m`` the mean of ``x**2`` over ``size`` channels around.
    Input ``float[B, C, ..., L]``, kept. AlexNet's normalisation.
    """

    signature = "float[B, C, ..., L] -> float[B, C, ..., L]"
    target = "torch.nn.functional.local_response_norm"

    size: Size
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0
