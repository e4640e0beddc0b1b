"""Models of mnist_mlp.nnspec, compiled by specc."""

import torch.nn.functional as F
from torch import Tensor, nn


class Mlp(nn.Module):
    """A perceptron with two hidden layers.

    image: float[B, 784] -> scores: logits[B, classes]
    """

    def __init__(self, classes: int = 10):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 64)
        self.fc3 = nn.Linear(64, classes)

    def forward(self, image: Tensor) -> Tensor:
        scores = self.fc3(F.relu(self.fc2(F.relu(self.fc1(image)))))  # logits[B, classes]
        return scores
