"""Models of digits_mlp.nnspec, compiled by specc."""

import torch.nn.functional as F
from torch import Tensor, nn


class DigitsMlp(nn.Module):
    """A perceptron with two hidden layers of equal width.

    image: float[B, 64] -> scores: logits[B, classes]
    """

    def __init__(self, hidden: int = 128, classes: int = 10):
        super().__init__()
        self.fc1 = nn.Linear(64, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.head = nn.Linear(hidden, classes)

    def forward(self, image: Tensor) -> Tensor:
        scores = self.head(F.relu(self.fc2(F.relu(self.fc1(image)))))  # logits[B, classes]
        return scores
