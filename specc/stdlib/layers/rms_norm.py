"""Normalisation by the root mean square of the features."""

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

    normalized_shape: Shape = None
    eps: NotNegative | None = None
    elementwise_affine: bool = True
