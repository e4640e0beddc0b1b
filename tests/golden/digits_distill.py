"""Models of digits_distill.nnspec, compiled by specc."""

import torch.nn.functional as F
from torch import Tensor, nn


class Perceptron(nn.Module):
    """A perceptron with one hidden layer.

    image: float[B, 64] -> scores: logits[B, classes]
    """

    def __init__(self, hidden: int, classes: int = 10):
        super().__init__()
        self.fc = nn.Linear(64, hidden)
        self.head = nn.Linear(hidden, classes)

    def forward(self, image: Tensor) -> Tensor:
        scores = self.head(F.relu(self.fc(image)))  # logits[B, classes]
        return scores
