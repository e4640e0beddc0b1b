"""How many choices a model hesitates between."""

from __future__ import annotations

from specc.components import Outputs, Refusal, Site
from specc.components.errors import BAD_KIND
from specc.ir import expr as ir
from specc.stdlib.families.scoring import ClassMetric, accumulator, ignored


class Perplexity(ClassMetric):
    """The exponential of the mean cross entropy (`torchmetrics.text.Perplexity`).

    Inputs: ``logits`` or ``log_probs`` ``[B, C, ...]`` (classes along ``dim``) and
    ``ids(C)[B, ...]``. Targets of ``ignore_index`` are left out.
    """

    direction = "min"
    chosen = False

    def infer(self, site: Site) -> Outputs:
        if site.inputs["scores"].element.name == "probs" or self.classes(site) is None:
            raise Refusal(
                BAD_KIND,
                f"perplexity takes logits or log_probs of several classes, not "
                f"{site.inputs['scores']}",
                help="leave the softmax out, or use log_softmax",
                tensor="scores",
            )
        return super().infer(site)

    def lower(self, site: Site) -> ir.Construct:
        return accumulator(
            "Perplexity", scores=self.given(site), dim=self.dim, **ignored(self.ignore_index)
        )
