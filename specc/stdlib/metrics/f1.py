"""Precision and recall together."""

from specc.stdlib.families.scoring import AveragedMetric


class F1(AveragedMetric):
    """The harmonic mean of precision and recall (`torchmetrics.F1Score`).

    ``average`` over the classes is ``"macro"`` (all count equally; one that is neither predicted
    nor there is left out), ``"micro"`` (all targets do) or ``"weighted"`` (a class by its targets).
    With one score each it is that of the second class. Targets of ``ignore_index`` are left out.

    Inputs: ``logits``, ``probs`` or ``log_probs`` ``[B, C, ...]`` (classes along ``dim``) and
    ``ids(C)[B, ...]``; or one score each and a target of two classes; or chosen ``ids(C)``.
    """

    metric = "F1Score"
    direction = "max"
