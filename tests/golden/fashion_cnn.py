"""Models of fashion_cnn.nnspec, compiled by specc."""

import torch.nn.functional as F
from torch import Tensor, nn


class Cnn(nn.Module):
    """Two convolutions, then two linear layers with dropout between them.

    image: float[B, 1, 28, 28] -> scores: logits[B, classes]
    """

    def __init__(self, classes: int = 10, drop: float = 0.5):
        super().__init__()
        self.conv = nn.ModuleList()
        in_channels = 1
        for channels in [32, 64]:
            self.conv.append(nn.Conv2d(in_channels, channels, 3, padding=1))
            in_channels = channels
        self.fc = nn.Linear(64 * 7 * 7, 128)
        self.dropout = nn.Dropout(p=drop)
        self.head = nn.Linear(128, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = image  # float[B, 1, 28, 28]
        for conv in self.conv:
            x = F.max_pool2d(F.relu(conv(x)), 2)  # float[B, channels, _, _]
        x = self.dropout(F.relu(self.fc(x.flatten(1))))  # float[B, 128]
        scores = self.head(x)  # logits[B, classes]
        return scores
