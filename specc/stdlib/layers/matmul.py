"""Products of matrices."""

from specc.components import Example, FunctionLayer, Refusal, Site
from specc.components.errors import BAD_SHAPE
from specc.types.poly import Verdict
from specc.types.tensor import Element, MatmulFailure, TensorType, matmul


class Matmul(FunctionLayer):
    """``a @ b`` over the last two axes (`torch.matmul`).

    Inputs ``float[..., n, m]`` and ``float[..., m, p]``, output ``float[..., n, p]``; leading axes
    broadcast, a vector counts as one row or column. Errors: sizes that are summed over and differ.
    """

    signature = "input: float[...A], other: float[...B] -> float[...product]"
    target = "torch.matmul"
    examples = (
        Example({"input": "float[B, T, D]", "other": "float[D, S]"}),
        Example({"input": "float[B, T, D]", "other": "float[B, D, S]"}),
        Example({"input": "float[B, D]", "other": "float[D]"}),
    )

    def infer(self, site: Site) -> TensorType:
        left, right = site.inputs["input"], site.inputs["other"]
        dims = matmul(left.dims, right.dims, site.facts)
        if not isinstance(dims, MatmulFailure):
            return TensorType(Element("float"), dims)
        if dims.category == "rank":
            raise Refusal(BAD_SHAPE, f"{left} and {right}: a scalar is no matrix")
        known = "differ" if dims.verdict is Verdict.DIFFERENT else "are not known to agree"
        what = "the sizes that are summed over" if dims.category == "inner" else "leading sizes"
        raise Refusal(
            BAD_SHAPE,
            f"{left} times {right}: {what} {known}, {dims.left} against {dims.right}",
            help="the last axis of the first meets the last but one of the second",
            tensor="other",
        )
