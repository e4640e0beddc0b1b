"""Models of linear_regression.nnspec, compiled by specc."""

from torch import Tensor, nn


class LinearRegression(nn.Module):
    """A weighted sum of the measurements.

    measurements: float[B, F] -> progression: float[B]
    """

    def __init__(self, in_features: int):
        super().__init__()
        self.linear = nn.Linear(in_features, 1)

    def forward(self, measurements: Tensor) -> Tensor:
        progression = self.linear(measurements).squeeze(1)  # float[B]
        return progression
