"""The loss of a prediction that gives its own variance."""

from specc.components import Example
from specc.components.fields import Positive
from specc.stdlib.families.loss import Difference, Reduce


class GaussianNllLoss(Difference):
    """``(log(var) + (input - target) ** 2 / var) / 2`` (`torch.nn.functional.gaussian_nll_loss`).

    Inputs ``float[...]`` three times, of one shape: mean, target, variance. ``full`` adds the
    constant. ``mask`` says which places count. Errors: shapes that differ.
    """

    signature = (
        "input: float[...], target: float[...], var: float[...], mask: mask[...M]? -> float[]"
    )
    target = "torch.nn.functional.gaussian_nll_loss"
    examples = (
        Example({"input": "float[B, T]", "target": "float[B, T]", "var": "probs[B, T]"}, eps=0.9),
        Example(
            {
                "input": "float[B, T]",
                "target": "float[B, T]",
                "var": "probs[B, T]",
                "mask": "mask[B, T]",
            },
            full=True,
            reduction="sum",
        ),
    )
    exceptions = {
        "torchscript": "torch wrote it in more Python than TorchScript reads",
        "export": "torch looks whether a variance is negative, which depends on the data",
    }

    full: bool = False
    eps: Positive = 1e-6
    reduction: Reduce = "mean"
