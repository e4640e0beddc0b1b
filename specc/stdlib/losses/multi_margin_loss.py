"""The right class ahead of every other."""

from typing import Literal

from specc.components import Example, Site
from specc.components.fields import Floats
from specc.ir import expr as ir
from specc.stdlib.families.classification import Classification, must_be_classes, must_count
from specc.stdlib.families.loss import FLOAT, Reduce, class_weights, masked
from specc.types.tensor import TensorType


class MultiMarginLoss(Classification):
    """``max(0, margin - x[right] + x[other]) ** p``, averaged over the classes
    (`torch.nn.functional.multi_margin_loss`).

    Inputs ``float[B, C]`` and ``ids(C)[B]``; ``weight`` has a number for each class; ``mask[B]``
    says which rows count. Errors: a head with another number of classes than the data.
    """

    signature = "input: float[B, C], target: any[B], mask: mask[B]? -> float[]"
    target = "torch.nn.functional.multi_margin_loss"
    examples = (
        Example(
            {"input": "float[B, 3]", "target": "ids(3)[B]"}, margin=8.0, weight=[1.0, 2.0, 3.0]
        ),
        Example(
            {"input": "float[B, C]", "target": "ids(C)[B]", "mask": "mask[B]"},
            p=2,
            margin=8.0,
            reduction="sum",
        ),
    )

    p: Literal[1, 2] = 1
    margin: float = 1.0
    weight: Floats | None = None
    reduction: Reduce = "mean"

    def infer(self, site: Site) -> TensorType:
        target = site.inputs["target"]
        must_be_classes(self.spoken, target)
        self.must_choose(site, site.dim("C"))
        must_count(site.facts, site.dim("C"), target.element)
        return TensorType(FLOAT, target.dims if self.reduction == "none" else ())

    def lower(self, site: Site) -> ir.Expr:
        both = site.tensor("input"), site.tensor("target")
        weights = class_weights(site, "weight")
        if not site.has("mask"):
            fields = site.fields(skip=("weight",))
            return site.function(self.target, *both, **{**weights, **fields})
        fields = site.fields(skip=("weight", "reduction"))
        named = {**weights, **fields, "reduction": "none"}
        return masked(self.reduction, site.function(self.target, *both, **named), site)
