"""Angles of pairs that belong together or do not."""

from specc.components import Site
from specc.stdlib.families.loss import Comparison, Reduce, must_be_float, must_match
from specc.types.tensor import Dims, TensorType


class CosineEmbeddingLoss(Comparison):
    """``1 - cos`` where the target is 1, ``max(0, cos - margin)`` where it is -1
    (`torch.nn.functional.cosine_embedding_loss`).

    Inputs ``float[B, D]`` twice and a target ``float[B]`` of 1 or -1. ``mask[B]`` says which rows
    count. Errors: shapes that differ.
    """

    signature = (
        "input1: float[B, D], input2: float[B, D], target: float[B], mask: mask[...M]? -> float[]"
    )
    target = "torch.nn.functional.cosine_embedding_loss"

    margin: float = 0.0
    reduction: Reduce = "mean"

    def shape(self, site: Site) -> Dims:
        return site.inputs["target"].dims

    def explain(self, site: Site) -> None:
        given = [site.inputs[name] for name in ("input1", "input2", "target") if site.has(name)]
        if len(given) < 3:
            return
        first, second, target = given
        for name in ("input1", "input2", "target"):
            must_be_float(name, site.inputs[name])
        must_match(site.facts, first, second, "input2")
        if first.rank == 2:
            must_match(site.facts, TensorType(target.element, first.dims[:1]), target, "target")
