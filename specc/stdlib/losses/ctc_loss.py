"""A sequence of labels whose places are not known."""

from typing import Any

from specc.components import Example, Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.components.fields import Count
from specc.ir import expr as ir
from specc.stdlib.errors_losses import CLASSES_DIFFER, WANTS_PROBS
from specc.stdlib.families.loss import FLOAT, Loss, Reduce
from specc.types.dim import Dim
from specc.types.tensor import TensorType


class CtcLoss(Loss):
    """Connectionist temporal classification (`torch.nn.functional.ctc_loss`).

    Inputs, batch first: ``log_probs: log_probs[B, T, C]``, ``targets: ids(n)[B, S]`` with n at most
    C, and the true lengths ``int[B]`` of both (``speech.lengths``, ``text.lengths``), which may be
    left out where every row is full. ``blank`` is the class that stands for nothing.

    Errors: logits or probabilities. A target that is longer than its input gives infinity, or zero
    with ``zero_infinity``.
    """

    signature = (
        "log_probs: log_probs[B, T, C], targets: ids(n)[B, S], "
        "input_lengths: int[B]?, target_lengths: int[B]? -> float[]"
    )
    examples = (
        Example({"log_probs": "log_probs[B, 12, 9]", "targets": "ids(8)[B, 3]"}, blank=8),
        Example(
            {"log_probs": "log_probs[B, 12, 9]", "targets": "ids(8)[B, 3]"},
            blank=8,
            reduction="none",
        ),
        Example(
            {"log_probs": "log_probs[B, 2, 9]", "targets": "ids(8)[B, 3]"},
            blank=8,
            zero_infinity=True,
        ),
    )
    exceptions = {"export": "torch.export does not know the shape of its state"}

    blank: Count = 0
    reduction: Reduce = "mean"
    zero_infinity: bool = False

    def infer(self, site: Site) -> TensorType:
        classes, labels = site.dim("C"), site.dim("n")
        if not site.facts.at_least((classes - labels).poly, 0):
            raise Refusal(
                CLASSES_DIFFER,
                f"the head scores {classes} classes, the data has {labels} and a blank",
                label="needs a score for each class",
                help=f"make the last layer {labels} + 1 wide, or as wide where one is the blank",
                tensor="targets",
            )
        blank = site.size("blank")
        if site.facts.at_least((blank - classes).poly, 0):
            raise Refusal(BAD_SETTING, f"there is no class {blank} of {classes}", field="blank")
        return TensorType(FLOAT, (site.dim("B"),) if self.reduction == "none" else ())

    def explain(self, site: Site) -> None:
        given = site.inputs.get("log_probs")
        if given is not None and given.element.name in ("logits", "probs"):
            raise Refusal(
                WANTS_PROBS,
                f"ctc_loss wants log-probabilities, got {given.element}",
                label="wants log-probabilities",
                help="apply log_softmax(dim=-1) to the logits",
                tensor="log_probs",
            )

    def lower(self, site: Site) -> ir.Expr:
        time_first = site.method(site.tensor("log_probs"), "transpose", 0, 1)
        fields: dict[str, Any] = dict(site.fields())
        return site.function(
            "torch.nn.functional.ctc_loss",
            time_first,
            site.tensor("targets"),
            self._lengths(site, "input_lengths", site.dim("T")),
            self._lengths(site, "target_lengths", site.dim("S")),
            **fields,
        )

    @staticmethod
    def _lengths(site: Site, name: str, full: Dim) -> ir.Expr:
        if site.has(name):
            return site.tensor(name)
        return site.function("torch.full", [site.dim("B")], full, device=ir.Device())
