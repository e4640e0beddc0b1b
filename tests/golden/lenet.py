"""Models of lenet.nnspec, compiled by specc."""

import torch.nn.functional as F
from torch import Tensor, nn


class LeNet(nn.Module):
    """LeNet-5 as it is taught today: ReLU, max pooling, three channels
    (LeCun et al., Gradient-based learning applied to document recognition, 1998).

    image: float[B, 3, 32, 32] -> scores: logits[B, classes]
    """

    def __init__(self, classes: int = 10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(image)), 2)  # float[B, 6, 14, 14]
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)  # float[B, 16, 5, 5]
        x = F.relu(self.fc2(F.relu(self.fc1(x.flatten(1)))))  # float[B, 84]
        scores = self.fc3(x)  # logits[B, classes]
        return scores
