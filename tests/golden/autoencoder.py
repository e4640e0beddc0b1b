"""Models of autoencoder.nnspec, compiled by specc."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Encoder(nn.Module):
    """Pixels to code.

    image: float[B, 784] -> code: float[B, code_size]
    """

    def __init__(self, code_size: int = 32):
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc2 = nn.Linear(400, 200)
        self.fc3 = nn.Linear(200, code_size)

    def forward(self, image: Tensor) -> Tensor:
        code = self.fc3(F.relu(self.fc2(F.relu(self.fc1(image)))))  # float[B, code_size]
        return code


class Decoder(nn.Module):
    """Code to pixels of 0 to 1.

    code: float[B, Size] -> image: probs[B, 784]
    """

    def __init__(self, size: int):
        super().__init__()
        self.fc1 = nn.Linear(size, 200)
        self.fc2 = nn.Linear(200, 400)
        self.fc3 = nn.Linear(400, 784)

    def forward(self, code: Tensor) -> Tensor:
        image = torch.sigmoid(self.fc3(F.relu(self.fc2(F.relu(self.fc1(code))))))  # probs[B, 784]
        return image


class AutoencoderOutput(NamedTuple):
    code: Tensor  # float[B, code_size]
    restored: Tensor  # probs[B, 784]


class Autoencoder(nn.Module):
    """Both, one after the other; the code is what other models may use.

    image: float[B, 784] -> code: float[B, code_size], restored: probs[B, 784]
    """

    def __init__(self, code_size: int = 32):
        super().__init__()
        self.encoder = Encoder(code_size)
        self.decoder = Decoder(code_size)

    def forward(self, image: Tensor) -> AutoencoderOutput:
        code = self.encoder(image)  # float[B, code_size]
        restored = self.decoder(code)  # probs[B, 784]
        return AutoencoderOutput(code, restored)
