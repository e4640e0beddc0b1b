"""How well scores order the targets."""

from __future__ import annotations

from typing import Any, Literal

from specc.components import Site
from specc.stdlib.families.scoring import ClassMetric
from specc.types.dim import Dim


class Auroc(ClassMetric):
    """The area under the curve of true against false positives (`torchmetrics.AUROC`).

    The chance that a target of a class has a higher score for it than one of another class. It
    holds all scores of a split until its end, and is therefore not taken on the training rows.
    ``average`` over the classes is ``"macro"`` or ``"weighted"``. Targets of ``ignore_index`` are
    left out.

    Inputs: ``logits``, ``probs`` or ``log_probs`` ``[B, C, ...]`` (classes along ``dim``) and
    ``ids(C)[B, ...]``; or one score each and a target of two classes.
    """

    metric = "AUROC"
    direction = "max"
    curve = True
    chosen = False
    keeps_rows = True

    average: Literal["macro", "weighted"] = "macro"

    def settings(self, site: Site, classes: Dim | None) -> dict[str, Any]:
        settings = super().settings(site, classes)
        return settings if classes is None else settings | {"average": self.average}
