"""An affine map of the last axis."""

from specc.components import ModuleLayer
from specc.components.fields import Size


class Linear(ModuleLayer):
    """An affine map of the last axis: ``y = x @ weight.T + bias`` (`torch.nn.Linear`).

    Input ``float[..., in]``, output ``float[..., out_features]``.
    """

    signature = "float[..., in] -> float[..., out_features]"
    target = "torch.nn.Linear"
    inferred = {"in_features": "in"}
    weights = {"weight": "float[out_features, in]", "bias": "float[out_features]"}

    out_features: Size
    bias: bool = True
