"""Every right class ahead of every wrong one."""

from specc.components import Example, Site
from specc.stdlib.families.loss import Comparison, Reduce
from specc.types.tensor import Dims


class MultilabelMarginLoss(Comparison):
    """``max(0, 1 - (x[right] - x[wrong]))``, averaged over the classes
    (`torch.nn.functional.multilabel_margin_loss`).

    Inputs ``float[B, C]`` and ``int[B, C]``: the right classes of each row, then -1.
    ``mask[B]`` says which rows count.
    """

    signature = "input: float[B, C], target: int[B, C], mask: mask[B]? -> float[]"
    target = "torch.nn.functional.multilabel_margin_loss"
    examples = (
        Example({"input": "float[9, 200]", "target": "int[9, 200]"}),
        Example({"input": "float[9, 200]", "target": "int[9, 200]"}, reduction="none"),
    )

    reduction: Reduce = "mean"

    def shape(self, site: Site) -> Dims:
        return site.inputs["input"].dims[:1]

    def explain(self, site: Site) -> None:
        """The general words say it well."""
