"""Models of digits_gan.nnspec, compiled by specc."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Generator(nn.Module):
    """Draws images from noise.

    z: float[B, noise] -> image: float[B, 1, 8, 8]
    """

    def __init__(self, noise: int = 32, width: int = 32):
        super().__init__()
        self.width = width
        self.linear = nn.Linear(noise, 2 * width * 2 * 2)
        self.batch_norm = nn.BatchNorm2d(2 * width)
        self.conv_transpose2d = nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1)
        self.batch_norm_2 = nn.BatchNorm2d(width)
        self.conv_transpose2d_2 = nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        x = self.linear(z).unflatten(1, (2 * self.width, 2, 2))  # float[B, 2*width, 2, 2]
        x = F.relu(self.batch_norm(x))  # float[B, 2*width, 2, 2]
        x = F.relu(self.batch_norm_2(self.conv_transpose2d(x)))  # float[B, width, 4, 4]
        image = torch.sigmoid(self.conv_transpose2d_2(x))  # float[B, 1, 8, 8]
        return image


class Critic(nn.Module):
    """Tells images of the data from drawn ones: above zero means real.

    image: float[B, 1, 8, 8] -> score: float[B]
    """

    def __init__(self, width: int = 32):
        super().__init__()
        self.conv2d = nn.Conv2d(1, width, 4, stride=2, padding=1)
        self.conv2d_2 = nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)
        self.dropout = nn.Dropout(p=0.3)
        self.linear = nn.Linear(2 * width * 2 * 2, 1)

    def forward(self, image: Tensor) -> Tensor:
        x = F.leaky_relu(self.conv2d(image), negative_slope=0.2)  # float[B, width, 4, 4]
        x = F.leaky_relu(self.conv2d_2(x), negative_slope=0.2)  # float[B, 2*width, 2, 2]
        score = self.linear(self.dropout(x.flatten(1))).squeeze(1)  # float[B]
        return score
