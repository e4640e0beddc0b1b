"""Hard shrinkage."""

from specc.components import FunctionLayer


class Hardshrink(FunctionLayer):
    """``x`` where ``abs(x) > lambd``, else 0 (`torch.nn.functional.hardshrink`).

    Any shape, kept.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.hardshrink"

    lambd: float = 0.5
