"""Products of matrices, one for each row of a batch."""

from specc.components import Example, FunctionLayer


class Bmm(FunctionLayer):
    """``input @ mat2`` for each of B pairs of matrices (`torch.bmm`).

    Inputs ``float[B, n, m]`` and ``float[B, m, p]``, output ``float[B, n, p]``.
    """

    signature = "input: float[B, n, m], mat2: float[B, m, p] -> float[B, n, p]"
    target = "torch.bmm"
    examples = (Example({"input": "float[B, T, D]", "mat2": "float[B, D, S]"}),)
