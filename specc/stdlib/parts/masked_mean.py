"""An average that leaves padding out."""

from torch import Tensor


def masked_mean(x: Tensor, mask: Tensor) -> Tensor:
    """The mean over dim 1 of ``x`` (B, T, ...) where ``mask`` (B, T) is true, or 0."""
    counts = mask.reshape(mask.shape + (1,) * (x.dim() - 2))
    total = x.masked_fill(~counts, 0.0).sum(1)
    return total / counts.sum(1).clamp(min=1)
