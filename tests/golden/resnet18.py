"""Models of resnet18.nnspec, compiled by specc."""

import torch.nn.functional as F
from torch import Tensor, nn


class Residual(nn.Module):
    """Two convolutions and what skips them (He et al., Deep residual learning, 2016).

    x: float[B, C, H, W] -> y: float[B, channels, _, _]
    """

    def __init__(self, in_channels: int, channels: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        if stride != 1 or in_channels != channels:
            self.skip_conv = nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)
            self.skip_bn = nn.BatchNorm2d(channels)
        else:
            self.skip_conv = None
            self.skip_bn = None

    def forward(self, x: Tensor) -> Tensor:
        main = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        skip = x  # float[B, C, H, W]
        if self.skip_conv is not None:
            skip = self.skip_bn(self.skip_conv(x))
        y = F.relu(main + skip)  # float[B, channels, _, _]
        return y


class ResNet18(nn.Module):
    """Eight residual blocks in four widths; the image may have any size.

    image: float[B, 3, H, W] -> scores: logits[B, classes]
    """

    def __init__(self, classes: int = 10):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(64)
        self.down = nn.ModuleList()
        self.keep = nn.ModuleList()
        in_channels = 64
        for i, width in enumerate([64, 128, 256, 512]):
            self.down.append(Residual(in_channels, width, stride=1 if i == 0 else 2))
            self.keep.append(Residual(width, width))
            in_channels = width
        self.head = nn.Linear(512, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.bn(self.stem(image)))  # float[B, 64, H, W]
        for down, keep in zip(self.down, self.keep):
            x = keep(down(x))  # float[B, width, _, _]
        scores = self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))  # logits[B, classes]
        return scores
