"""Angles of pairs that belong together or do not."""

from specc.components import Example, Refusal, Site
from specc.components.errors import BAD_KIND
from specc.ir import expr as ir
from specc.stdlib.families.loss import Comparison, Reduce, must_be_float, must_match
from specc.types.tensor import Dims, TensorType


class CosineEmbeddingLoss(Comparison):
    """``1 - cos`` where the target is 1, ``max(0, cos - margin)`` where it is -1
    (`torch.nn.functional.cosine_embedding_loss`).

    Inputs ``float[B, D]`` twice and a target ``float[B]`` of 1 or -1, or a mask that is true where
    the two belong together. ``mask[B]`` says which rows count.
    Errors: shapes that differ. Any other number as a target counts for nothing.
    """

    signature = (
        "input1: float[B, D], input2: float[B, D], target: any[B], mask: mask[...M]? -> float[]"
    )
    target = "torch.nn.functional.cosine_embedding_loss"
    examples = (
        Example(
            {"input1": "float[9, D]", "input2": "float[9, D]", "target": "bool[9]"}, margin=-1.0
        ),
        Example(
            {
                "input1": "float[B, D]",
                "input2": "float[B, D]",
                "target": "float[B]",
                "mask": "mask[B]",
            },
            reduction="sum",
        ),
    )

    margin: float = 0.0
    reduction: Reduce = "mean"

    def shape(self, site: Site) -> Dims:
        target = site.inputs["target"]
        if target.element.base not in ("float", "bool"):
            raise Refusal(
                BAD_KIND,
                f"the target is 1 or -1, or a mask, not {target}",
                label="wants yes or no",
                help="compare to make a mask: `a == b`",
                tensor="target",
            )
        return target.dims

    def explain(self, site: Site) -> None:
        given = [site.inputs[name] for name in ("input1", "input2", "target") if site.has(name)]
        if len(given) < 3:
            return
        first, second, target = given
        for name in ("input1", "input2"):
            must_be_float(name, site.inputs[name])
        must_match(site.facts, first, second, "input2")
        if first.rank == 2:
            must_match(site.facts, TensorType(target.element, first.dims[:1]), target, "target")

    def compared(self, site: Site) -> list[ir.Expr]:
        vectors = [site.tensor("input1"), site.tensor("input2")]
        target = site.tensor("target")
        if site.inputs["target"].element.base == "bool":
            target = site.function("torch.where", target, 1.0, -1.0)
        return [*vectors, target]
