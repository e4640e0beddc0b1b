"""A bilinear map of two tensors."""

from specc.components import ModuleLayer
from specc.components.fields import Size


class Bilinear(ModuleLayer):
    """``x1 @ weight @ x2 + bias`` for the last axes of two tensors (`torch.nn.Bilinear`).

    Inputs ``float[..., in1]`` and ``float[..., in2]``, output ``float[..., out_features]``; the
    leading axes of both are the same.
    """

    signature = "x1: float[..., in1], x2: float[..., in2] -> float[..., out_features]"
    target = "torch.nn.Bilinear"
    inferred = {"in1_features": "in1", "in2_features": "in2"}
    weights = {"weight": "float[out_features, in1, in2]", "bias": "float[out_features]"}

    out_features: Size
    bias: bool = True
