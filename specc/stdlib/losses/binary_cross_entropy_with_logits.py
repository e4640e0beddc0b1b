"""The loss of a yes-or-no classifier."""

from specc.components import Example, Refusal, Site
from specc.components.errors import BAD_KIND
from specc.components.fields import Floats
from specc.stdlib.errors_losses import WANTS_LOGITS
from specc.stdlib.families.binary import Binary
from specc.stdlib.families.loss import Reduce
from specc.types.tensor import Dims


class BinaryCrossEntropyWithLogits(Binary):
    """Sigmoid and binary cross entropy in one, exact for large scores
    (`torch.nn.functional.binary_cross_entropy_with_logits`).

    Inputs ``logits[...]`` and a target of that shape: ``float`` from 0 to 1, a ``mask``, or
    ``ids(2)``. ``pos_weight`` counts each yes more, ``weight`` each entry of the last axis;
    ``mask`` says which places count.

    Errors: probabilities, since it applies sigmoid itself; shapes that differ.
    """

    signature = "input: logits[...], target: any[...T], mask: mask[...M]? -> float[]"
    target = "torch.nn.functional.binary_cross_entropy_with_logits"
    examples = (
        Example(
            {"input": "logits[B, 3]", "target": "mask[B, 3]"},
            weight=[1.0, 2.0, 3.0],
            pos_weight=[3.0, 2.0, 1.0],
        ),
        Example(
            {"input": "logits[B, C]", "target": "probs[B, C]", "mask": "mask[B]"}, reduction="sum"
        ),
        Example({"input": "logits[B]", "target": "ids(2)[B]"}, pos_weight=2.0),
    )

    weight: Floats | None = None
    reduction: Reduce = "mean"
    pos_weight: float | Floats | None = None

    def shape(self, site: Site) -> Dims:
        shape = super().shape(site)
        self.must_fit(site, "weight", shape)
        self.must_fit(site, "pos_weight", shape)
        return shape

    def explain(self, site: Site) -> None:
        given = site.inputs.get("input")
        if given is None:
            return
        if given.element.name in ("probs", "log_probs"):
            raise Refusal(
                WANTS_LOGITS,
                "binary_cross_entropy_with_logits wants logits, and sigmoid was already applied",
                label="applies sigmoid itself",
                help="remove sigmoid: the loss applies it",
                tensor="input",
            )
        raise Refusal(
            BAD_KIND,
            f"binary_cross_entropy_with_logits wants scores first, got {given}",
            label="wants scores, then the target",
            help="the prediction comes first: `(scores, target)`",
            tensor="input",
        )
