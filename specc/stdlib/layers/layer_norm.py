"""Normalisation over the features."""

from specc.components import Example
from specc.components.fields import NotNegative
from specc.stdlib.families.normalization import FeatureNorm, Shape


class LayerNorm(FeatureNorm):
    """``(x - mean) / sqrt(var + eps) * weight + bias`` over the last axes (`torch.nn.LayerNorm`).

    Any shape, kept. ``normalized_shape`` is the size of the last axis, or a list of the sizes of
    several last axes; left out, it is the last axis.

    Errors: ``normalized_shape`` is not how the input's shape ends.
    """

    signature = "float[..., in] -> float[..., in]"
    target = "torch.nn.LayerNorm"
    weights = {"weight": "float[in]", "bias": "float[in]"}
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, 6]", normalized_shape=6, bias=False),
        Example("float[B, 5, 6]", normalized_shape=[5, 6], eps=0.1),
        Example("float[B, D]", elementwise_affine=False),
    )

    normalized_shape: Shape = None
    eps: NotNegative = 1e-5
    elementwise_affine: bool = True
    bias: bool = True
