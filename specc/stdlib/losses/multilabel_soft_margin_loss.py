"""A yes or no for every class."""

from specc.components import Example, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.components.fields import Floats
from specc.stdlib.errors_losses import WANTS_LOGITS
from specc.stdlib.families.binary import Binary
from specc.stdlib.families.loss import Reduce
from specc.types.tensor import Dims


class MultilabelSoftMarginLoss(Binary):
    """Sigmoid and binary cross entropy, averaged over the last axis
    (`torch.nn.functional.multilabel_soft_margin_loss`).

    Inputs ``logits[B, C]`` and a target of that shape: ``float`` of 0 and 1, or a ``mask``;
    ``weight`` has a number for each class; ``mask[B]`` says which rows count.
    Errors: probabilities; shapes that differ.
    """

    signature = "input: logits[...], target: any[...T], mask: mask[...M]? -> float[]"
    target = "torch.nn.functional.multilabel_soft_margin_loss"
    examples = (
        Example({"input": "logits[B, 3]", "target": "mask[B, 3]"}, weight=[1.0, 2.0, 3.0]),
        Example(
            {"input": "logits[B, C]", "target": "float[B, C]", "mask": "mask[B]"}, reduction="sum"
        ),
    )

    weight: Floats | None = None
    reduction: Reduce = "mean"

    def shape(self, site: Site) -> Dims:
        shape = super().shape(site)
        if len(shape) < 2:
            raise Refusal(BAD_SHAPE, f"a score for each class is wanted, got {len(shape)} axes")
        self.must_fit(site, "weight", shape)
        return shape[:-1]

    def explain(self, site: Site) -> None:
        given = site.inputs.get("input")
        if given is not None and given.element.name in ("probs", "log_probs"):
            raise Refusal(
                WANTS_LOGITS,
                "multilabel_soft_margin_loss wants logits, and sigmoid was already applied",
                label="applies sigmoid itself",
                help="remove sigmoid: the loss applies it",
                tensor="input",
            )
