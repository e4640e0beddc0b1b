"""What is taken for what."""

from __future__ import annotations

from typing import Any, Literal

from specc.components import Outputs, Site
from specc.stdlib.families.scoring import ClassMetric
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType


class ConfusionMatrix(ClassMetric):
    """How many targets of each class (rows) are predicted to be each class (columns)
    (`torchmetrics.ConfusionMatrix`).

    ``normalize`` divides by the targets of the class (``"true"``), by the predictions (``"pred"``)
    or by all (``"all"``). A table has no better or worse, and cannot be what `keep` goes by.

    Inputs: ``logits``, ``probs`` or ``log_probs`` ``[B, C, ...]`` (classes along ``dim``) and
    ``ids(C)[B, ...]``; or one score each and a target of two classes; or chosen ``ids(C)``.
    """

    metric = "ConfusionMatrix"

    normalize: Literal["true", "pred", "all"] | None = None

    def infer(self, site: Site) -> Outputs:
        classes = self.classes(site) or Dim.of(2)
        return TensorType(Element("float"), (classes, classes))

    def settings(self, site: Site, classes: Dim | None) -> dict[str, Any]:
        settings = super().settings(site, classes)
        return settings if self.normalize is None else settings | {"normalize": self.normalize}
