"""Clips to a range."""

from specc.components import FunctionLayer, Refusal, Site
from specc.components.errors import BAD_SETTING


class Hardtanh(FunctionLayer):
    """``min(max(x, min_val), max_val)``, value by value (`torch.nn.functional.hardtanh`).

    Any shape, kept.

    Errors: ``min_val`` above ``max_val``.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.functional.hardtanh"

    min_val: float = -1.0
    max_val: float = 1.0

    def infer(self, site: Site) -> None:
        if self.min_val > self.max_val:
            raise Refusal(
                BAD_SETTING,
                f"the range of hardtanh is empty: min_val is {self.min_val:g} "
                f"and max_val is {self.max_val:g}",
            )
