"""The loss of a classifier."""

from typing import Any

from specc.components import Example, Refusal, Site
from specc.components.errors import BAD_KIND, BAD_SETTING
from specc.components.fields import Axis, Floats, Probability
from specc.ir import expr as ir
from specc.stdlib.errors_losses import WANTS_LOGITS
from specc.stdlib.families.classification import Classification
from specc.stdlib.families.loss import Reduce, masked, must_match
from specc.types.tensor import TensorType


class CrossEntropy(Classification):
    """The negative log-probability of the right class (`torch.nn.functional.cross_entropy`).

    Inputs ``logits[B, C, ...]`` and ``ids(C)[B, ...]``, or ``probs[B, C, ...]`` for soft targets;
    where the classes are last, ``dim=-1``. ``mask[B, ...]`` says which labels count, ``weight``
    has a number for each class.

    Errors: probabilities, since it applies softmax itself; a head with another number of classes
    than the data; classes that are not at ``dim``.
    """

    signature = "input: logits[...], target: any[...T], mask: mask[...M]? -> float[]"
    target = "torch.nn.functional.cross_entropy"
    examples = (
        Example(
            {"input": "logits[B, 3]", "target": "ids(3)[B]"},
            weight=[1.0, 2.0, 3.0],
            label_smoothing=0.1,
        ),
        Example(
            {"input": "logits[B, T, C]", "target": "ids(C)[B, T]", "mask": "mask[B, T]"},
            dim=-1,
            ignore_index=2,
        ),
        Example(
            {"input": "logits[B, C]", "target": "probs[B, C]", "mask": "mask[B]"}, reduction="sum"
        ),
        Example({"input": "logits[B, 4, 4]", "target": "probs[B, 4, 4]"}, dim=2, reduction="none"),
    )

    weight: Floats | None = None
    ignore_index: int = -100
    reduction: Reduce = "mean"
    label_smoothing: Probability = 0.0
    dim: Axis = 1

    def explain(self, site: Site) -> None:
        given = site.inputs.get("input")
        if given is None:
            return
        done = {"probs": "softmax", "log_probs": "log_softmax"}.get(given.element.name)
        if done is not None:
            raise Refusal(
                WANTS_LOGITS,
                f"cross_entropy wants logits, and {done} was already applied",
                label="applies softmax itself",
                help=f"remove {done}: cross_entropy applies it",
                tensor="input",
            )
        if given.element.base != "float":
            target = site.inputs.get("target")
            swapped = target is not None and target.element.base == "float"
            raise Refusal(
                BAD_KIND,
                f"cross_entropy wants scores first, got {given}",
                label="wants scores, then the target",
                help="the prediction comes first: `(scores, label)`" if swapped else None,
                tensor="input",
            )

    def judge(self, site: Site, scores: TensorType, axis: int, target: TensorType) -> None:
        if target.element.base != "float":
            super().judge(site, scores, axis, target)
            return
        if target.element.name not in ("probs", "float"):
            raise Refusal(
                BAD_KIND,
                f"soft targets are probabilities, not {target.element}",
                label="wants probabilities as a soft target",
                help="apply softmax to them, not to the prediction",
                tensor="target",
            )
        must_match(site.facts, scores, target, "target")
        if "ignore_index" in site.written:
            raise Refusal(
                BAD_SETTING,
                "soft targets have no index to ignore",
                help="a mask says which places count",
                field="ignore_index",
            )
        if site.has("mask") and self.reduction == "none":
            raise Refusal(
                BAD_SETTING,
                "a mask says what to average, and reduction none averages nothing",
                help="multiply the result with the mask instead",
                field="reduction",
            )

    def lower(self, site: Site) -> ir.Expr:
        if site.inputs["target"].element.base != "float":
            return super().lower(site)
        both = self.scores(site, "input"), self.scores(site, "target")
        if not site.has("mask"):
            return site.function(self.target, *both, **self.given(site))
        settings: dict[str, Any] = {**self.given(site, skip=("reduction",)), "reduction": "none"}
        return masked(self.reduction, site.function(self.target, *both, **settings), site)
