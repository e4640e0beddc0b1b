"""How much of what is found is right."""

from specc.stdlib.families.scoring import AveragedMetric


class Precision(AveragedMetric):
    """Of what is predicted to be a class, the share that is (`torchmetrics.Precision`).

    ``average`` over the classes is ``"macro"`` (all count equally; one that is neither predicted
    nor there is left out), ``"micro"`` (all targets do) or ``"weighted"`` (a class by its targets).
    With one score each it is that of the second class. Targets of ``ignore_index`` are left out.

    Inputs: ``logits``, ``probs`` or ``log_probs`` ``[B, C, ...]`` (classes along ``dim``) and
    ``ids(C)[B, ...]``; or one score each and a target of two classes; or chosen ``ids(C)``.
    """

    metric = "Precision"
    direction = "max"
