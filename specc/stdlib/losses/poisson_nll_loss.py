"""The loss of counts."""

from specc.components import Example
from specc.components.fields import Positive
from specc.stdlib.families.loss import Comparison, Reduce


class PoissonNllLoss(Comparison):
    """``exp(input) - target * input`` (`log_input`), or ``input - target * log(input)``
    (`torch.nn.functional.poisson_nll_loss`).

    Inputs ``float[...]`` twice, of one shape; the target is a count. ``full`` adds the term of
    Stirling. ``mask`` says which places count. Errors: shapes that differ.
    """

    signature = "input: float[...], target: float[...], mask: mask[...M]? -> float[]"
    target = "torch.nn.functional.poisson_nll_loss"
    examples = (
        Example({"input": "probs[B, T]", "target": "probs[B, T]"}, log_input=False, eps=0.5),
        Example(
            {"input": "float[B, T]", "target": "probs[B, T]", "mask": "mask[B, T]"}, reduction="sum"
        ),
        Example({"input": "float[B, T]", "target": "float[B, T]"}, full=True),
    )

    log_input: bool = True
    full: bool = False
    eps: Positive = 1e-8
    reduction: Reduce = "mean"
