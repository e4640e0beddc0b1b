"""How far one distribution is from another."""

from typing import Literal

from specc.components import Example, Refusal, Site
from specc.components.errors import BAD_KIND
from specc.stdlib.errors_losses import WANTS_PROBS
from specc.stdlib.families.loss import Comparison, must_match
from specc.types.tensor import Dims


class KlDiv(Comparison):
    """``target * (log(target) - input)``, reduced (`torch.nn.functional.kl_div`).

    Inputs ``log_probs[B, ...]`` and ``probs[B, ...]`` of one shape, ``log_probs`` twice with
    ``log_target``. The divergence of a row is what ``reduction="batchmean"`` averages; ``"mean"``,
    the default as in torch, divides by the number of classes too.

    Errors: probabilities or logits as the first input; shapes that differ.
    """

    signature = "input: log_probs[...], target: float[...T], mask: mask[...M]? -> float[]"
    target = "torch.nn.functional.kl_div"
    examples = (
        Example({"input": "log_probs[B, C]", "target": "probs[B, C]"}, reduction="batchmean"),
        Example(
            {"input": "log_probs[B, T, C]", "target": "log_probs[B, T, C]", "mask": "mask[B, T]"},
            log_target=True,
            reduction="sum",
        ),
        Example({"input": "log_probs[B, C]", "target": "float[B, C]"}, log_target=True),
    )

    reduction: Literal["mean", "batchmean", "sum", "none"] = "mean"
    log_target: bool = False

    def shape(self, site: Site) -> Dims:
        prediction, target = site.inputs["input"], site.inputs["target"]
        wanted = "log_probs" if self.log_target else "probs"
        if target.element.name not in (wanted, "float"):
            raise Refusal(
                BAD_KIND,
                f"kl_div wants a target of {wanted}, got {target.element}",
                label=f"wants a target of {wanted}",
                help="log_target=true takes log_probs"
                if target.element.name == "log_probs"
                else None,
                tensor="target",
            )
        if site.has("mask") and self.reduction == "batchmean":
            raise Refusal(
                BAD_KIND,
                "a mask goes with reduction mean or sum",
                help='sum over the classes first, with reduction="none" and `|> sum(dim=-1)`',
                field="reduction",
            )
        must_match(site.facts, prediction, target, "target")
        return prediction.dims

    def explain(self, site: Site) -> None:
        given = site.inputs.get("input")
        if given is not None and given.element.name not in ("log_probs", "float"):
            raise Refusal(
                WANTS_PROBS,
                f"kl_div wants log-probabilities first, got {given.element}",
                label="wants log-probabilities first",
                help="apply log_softmax to the prediction",
                tensor="input",
            )
