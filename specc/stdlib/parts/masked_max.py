"""A maximum that leaves padding out."""

from torch import Tensor


def masked_max(x: Tensor, mask: Tensor) -> Tensor:
    """The maximum over dim 1 of ``x`` (B, T, ...) where ``mask`` (B, T) is true, or 0."""
    hidden = ~mask.reshape(mask.shape + (1,) * (x.dim() - 2))
    largest = x.masked_fill(hidden, float("-inf")).amax(1)
    return largest.masked_fill(hidden.all(1), 0.0)
