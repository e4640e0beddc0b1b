"""The average of a loss over the positions that count."""

from torch import Tensor


def masked_average(values: Tensor, mask: Tensor) -> Tensor:
    """The mean of ``values`` where ``mask`` is true; the mask's shape begins that of the values."""
    counts = mask.reshape(mask.shape + (1,) * (values.dim() - mask.dim())).expand_as(values)
    return values.masked_fill(~counts, 0.0).sum() / counts.sum()
