"""One number everywhere."""

from specc.components import Example, Site
from specc.ir import expr as ir
from specc.stdlib.families.creation import Creation
from specc.stdlib.families.shape import terms_of
from specc.types.tensor import Element, TensorType
from specc.types.terms import ListTerm


class Full(Creation):
    """One number everywhere: ``full(B, 3, fill_value=0.5)`` (`torch.full`).

    No input; output with the sizes as written, ``float`` of a float and ``int`` of a whole number.
    """

    signature = "-> float[...size]"
    examples = (
        Example(size=[3, 4], fill_value=0.5),
        Example(size=[2], fill_value=3),
    )
    exceptions = {"gradients": "nothing is learned or given"}

    fill_value: float | int

    def infer(self, site: Site) -> TensorType:
        element = "int" if isinstance(self.fill_value, int) else "float"
        return TensorType(Element(element), super().infer(site).dims)

    def lower(self, site: Site) -> ir.Expr:
        size = ListTerm(terms_of(site, "size"))
        return site.function("torch.full", size, site.value("fill_value"), device=ir.Device())
