"""The loss of a yes-or-no classifier that gives probabilities."""

from specc.components import Example, Refusal, Site
from specc.components.fields import Floats
from specc.stdlib.errors_losses import WANTS_PROBS
from specc.stdlib.families.binary import Binary
from specc.stdlib.families.loss import Reduce
from specc.types.tensor import Dims


class BinaryCrossEntropy(Binary):
    """The negative log-probability of the right answer
    (`torch.nn.functional.binary_cross_entropy`).

    Inputs ``probs[...]`` and a target of that shape: ``float`` from 0 to 1, a ``mask``, or
    ``ids(2)``. ``weight`` has a number for each entry of the last axis; ``mask`` says which places
    count. `binary_cross_entropy_with_logits` is exact where this loses digits.

    Errors: logits; shapes that differ.
    """

    signature = "input: probs[...], target: any[...T], mask: mask[...M]? -> float[]"
    target = "torch.nn.functional.binary_cross_entropy"
    examples = (
        Example({"input": "probs[B, 3]", "target": "mask[B, 3]"}, weight=[1.0, 2.0, 3.0]),
        Example(
            {"input": "probs[B, C]", "target": "probs[B, C]", "mask": "mask[B]"}, reduction="sum"
        ),
    )

    weight: Floats | None = None
    reduction: Reduce = "mean"

    def shape(self, site: Site) -> Dims:
        shape = super().shape(site)
        self.must_fit(site, "weight", shape)
        return shape

    def explain(self, site: Site) -> None:
        given = site.inputs.get("input")
        if given is None:
            return
        raise Refusal(
            WANTS_PROBS,
            f"binary_cross_entropy wants probabilities, got {given.element}",
            label="wants probabilities",
            help="use binary_cross_entropy_with_logits, which applies sigmoid itself",
            tensor="input",
        )
