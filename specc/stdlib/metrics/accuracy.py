"""How much is right."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from specc.components import Refusal, Site
from specc.components.errors import BAD_SETTING
from specc.stdlib.families.scoring import ClassMetric
from specc.types.dim import Dim


class Accuracy(ClassMetric):
    """The share of targets that are predicted right (`torchmetrics.Accuracy`).

    With ``top_k`` a target is right if it is among the ``top_k`` classes with the highest scores.
    ``average="macro"`` is the mean over the classes instead, each counting equally.

    Inputs: ``logits``, ``probs`` or ``log_probs`` ``[B, C, ...]`` (classes along ``dim``) and
    ``ids(C)[B, ...]``; or one score each and a target of two classes; or chosen ``ids(C)``. Targets
    of ``ignore_index`` are left out.
    """

    metric = "Accuracy"
    direction = "max"

    top_k: int = Field(default=1, ge=1)
    average: Literal["micro", "macro", "weighted"] = "micro"

    def settings(self, site: Site, classes: Dim | None) -> dict[str, Any]:
        settings = super().settings(site, classes)
        if classes is not None:
            settings["average"] = self.average
        if self.top_k == 1:
            return settings
        if classes is None or (classes.known is not None and classes.known < self.top_k):
            raise Refusal(
                BAD_SETTING,
                f"top_k={self.top_k} is more than the classes there are",
                field="top_k",
            )
        return settings | {"top_k": self.top_k}
