"""The loss of a classifier that gives log-probabilities."""

from specc.components import Example, Refusal, Site
from specc.components.fields import Axis, Floats
from specc.stdlib.errors_losses import WANTS_PROBS
from specc.stdlib.families.classification import Classification
from specc.stdlib.families.loss import Reduce


class NllLoss(Classification):
    """The negative of the right class's log-probability (`torch.nn.functional.nll_loss`).

    Inputs ``log_probs[B, C, ...]`` and ``ids(C)[B, ...]``; where the classes are last,
    ``dim=-1``. ``mask[B, ...]`` says which labels count, ``weight`` has a number for each class.

    Errors: logits or probabilities, which it would take as they are.
    """

    signature = "input: log_probs[...], target: any[...T], mask: mask[...M]? -> float[]"
    target = "torch.nn.functional.nll_loss"
    examples = (
        Example(
            {"input": "log_probs[B, 3]", "target": "ids(3)[B]"},
            weight=[1.0, 2.0, 3.0],
            reduction="sum",
        ),
        Example(
            {"input": "log_probs[B, T, C]", "target": "ids(C)[B, T]", "mask": "mask[B, T]"},
            dim=-1,
            ignore_index=2,
        ),
        Example({"input": "log_probs[B, 6, 6]", "target": "ids(6)[B, 6]"}, dim=2, reduction="none"),
    )

    weight: Floats | None = None
    ignore_index: int = -100
    reduction: Reduce = "mean"
    dim: Axis = 1

    def explain(self, site: Site) -> None:
        given = site.inputs.get("input")
        if given is None:
            return
        help = "apply log_softmax, or use cross_entropy, which takes logits"
        if given.element.name == "probs":
            help = "use log_softmax in place of softmax, or cross_entropy on the logits"
        raise Refusal(
            WANTS_PROBS,
            f"nll_loss wants log-probabilities, got {given.element}",
            label="wants log-probabilities",
            help=help,
            tensor="input",
        )
