"""Numbers in their order."""

from specc.components import Example, Layer, Site
from specc.components.fields import Size
from specc.ir import expr as ir


class Arange(Layer):
    """0, 1, ..., end - 1: ``arange(T)`` (`torch.arange`).

    No input; output ``ids(end)[end]``, as an embedding takes them.
    """

    signature = "-> ids(end)[end]"
    examples = (
        Example(end=5),
        Example(end=7),
    )

    end: Size

    def lower(self, site: Site) -> ir.Expr:
        return site.function("torch.arange", site.value("end"), device=ir.Device())
