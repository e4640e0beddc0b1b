"""Normalisation by the root mean square of the features."""

from specc.components import Example
from specc.components.fields import NotNegative
from specc.stdlib.families.normalization import FeatureNorm, Shape


class RmsNorm(FeatureNorm):
    """``x / sqrt(mean(x**2) + eps) * weight`` over the last axes (`torch.nn.RMSNorm`).

    Any shape, kept. ``normalized_shape`` is the size of the last axis, or a list of the sizes of
    several last axes; left out, it is the last axis. ``eps`` is the smallest step of the
    tensor's numbers where it is left out.

    Errors: ``normalized_shape`` is not how the input's shape ends.
    """

    signature = "float[..., in] -> float[..., in]"
    target = "torch.nn.RMSNorm"
    weights = {"weight": "float[in]"}
    examples = (
        Example("float[B, T, D]"),
        Example("float[B, T, 6]", normalized_shape=6),
        Example("float[B, 5, 6]", normalized_shape=[5, 6], eps=0.1),
        Example("float[B, D]", elementwise_affine=False),
    )

    normalized_shape: Shape = None
    eps: NotNegative | None = None
    elementwise_affine: bool = True
