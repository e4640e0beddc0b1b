"""Classes as rows of zeros with a one."""

from specc.components import Example, Layer, Refusal, Site
from specc.components.errors import BAD_KIND
from specc.components.fields import Size
from specc.ir import expr as ir
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType


class OneHot(Layer):
    """A one at the place of the class, zeros elsewhere (`torch.nn.functional.one_hot`, as floats).

    Input ``ids(n)[B, T]``, output ``float[B, T, n]``; ``num_classes`` makes it wider.
    Errors: fewer classes than the ids have.
    """

    signature = "ids(n)[...] -> float[..., n]"
    examples = (
        Example("ids(5)[B, T]"),
        Example("ids(5)[B]", num_classes=7),
    )
    exceptions = {"gradients": "ids have none"}

    num_classes: Size | None = None

    def infer(self, site: Site) -> TensorType:
        given, width = site.inputs["x"], self._width(site)
        if not site.facts.at_least((width - site.dim("n")).poly, 0):
            raise Refusal(
                BAD_KIND,
                f"{given.element} do not fit in {width} classes",
                help="leave num_classes out: it follows from the ids",
                field="num_classes",
            )
        return TensorType(Element("float"), (*given.dims, width))

    def _width(self, site: Site) -> Dim:
        return site.dim("n") if self.num_classes is None else site.size("num_classes")

    def lower(self, site: Site) -> ir.Expr:
        target = "torch.nn.functional.one_hot"
        return site.method(site.function(target, site.tensor("x"), self._width(site)), "float")
