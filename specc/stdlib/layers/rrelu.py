"""Rectified linear unit with a random slope below zero."""

from specc.components import ModuleLayer, Refusal, Site
from specc.components.errors import BAD_SETTING


class Rrelu(ModuleLayer):
    """``x`` above zero, ``a * x`` below, ``a`` drawn for each value (`torch.nn.RReLU`).

    Any shape, kept. In training ``a`` is uniform between ``lower`` and ``upper``; otherwise it is
    their mean.

    Errors: ``lower`` above ``upper``.
    """

    signature = "float[...] -> float[...]"
    target = "torch.nn.RReLU"

    lower_: float = 1 / 8
    upper: float = 1 / 3

    def infer(self, site: Site) -> None:
        if self.lower_ > self.upper:
            raise Refusal(
                BAD_SETTING,
                f"the range of slopes is empty: lower is {self.lower_:g}, upper is {self.upper:g}",
            )
