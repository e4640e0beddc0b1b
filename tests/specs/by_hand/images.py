"""Models of tables and images as a person writes them, with the specs' names and nothing else."""

import torch
import torch.nn.functional as F
from torch import nn


class LinearRegression(nn.Module):
    def __init__(self, in_features):
        super().__init__()
        self.linear = nn.Linear(in_features, 1)

    def forward(self, measurements):
        return self.linear(measurements).squeeze(1)


class DigitsMlp(nn.Module):
    def __init__(self, hidden=128, classes=10):
        super().__init__()
        self.fc1 = nn.Linear(64, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.head = nn.Linear(hidden, classes)

    def forward(self, image):
        x = F.relu(self.fc1(image))
        x = F.relu(self.fc2(x))
        return self.head(x)


class Mlp(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 64)
        self.fc3 = nn.Linear(64, classes)

    def forward(self, image):
        x = F.relu(self.fc1(image))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


class LeNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, kernel_size=5)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, classes)
        self.pool = nn.MaxPool2d(2)

    def forward(self, image):
        x = self.pool(F.relu(self.conv1(image)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


class Cnn(nn.Module):
    def __init__(self, classes=10, drop=0.5):
        super().__init__()
        self.conv = nn.ModuleList(
            [
                nn.Conv2d(1, 32, kernel_size=3, padding=1),
                nn.Conv2d(32, 64, kernel_size=3, padding=1),
            ]
        )
        self.fc = nn.Linear(64 * 7 * 7, 128)
        self.dropout = nn.Dropout(drop)
        self.head = nn.Linear(128, classes)

    def forward(self, image):
        x = F.max_pool2d(F.relu(self.conv[0](image)), 2)
        x = F.max_pool2d(F.relu(self.conv[1](x)), 2)
        x = F.relu(self.fc(torch.flatten(x, 1)))
        return self.head(self.dropout(x))


class Residual(nn.Module):
    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.has_skip = stride != 1 or in_channels != channels
        if self.has_skip:
            self.skip_conv = nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)
            self.skip_bn = nn.BatchNorm2d(channels)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        skip = self.skip_bn(self.skip_conv(x)) if self.has_skip else x
        return F.relu(out + skip)


class ResNet18(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(64)
        widths = [64, 64, 128, 256, 512]
        strides = [1, 2, 2, 2]
        self.down = nn.ModuleList(
            Residual(before, width, stride)
            for before, width, stride in zip(widths, widths[1:], strides, strict=False)
        )
        self.keep = nn.ModuleList(Residual(width, width) for width in widths[1:])
        self.head = nn.Linear(512, classes)

    def forward(self, image):
        x = F.relu(self.bn(self.stem(image)))
        for down, keep in zip(self.down, self.keep, strict=True):
            x = keep(down(x))
        x = torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)
        return self.head(x)


class Encoder(nn.Module):
    def __init__(self, code_size):
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc2 = nn.Linear(400, 200)
        self.fc3 = nn.Linear(200, code_size)

    def forward(self, image):
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(image)))))


class Decoder(nn.Module):
    def __init__(self, code_size):
        super().__init__()
        self.fc1 = nn.Linear(code_size, 200)
        self.fc2 = nn.Linear(200, 400)
        self.fc3 = nn.Linear(400, 784)

    def forward(self, code):
        return torch.sigmoid(self.fc3(F.relu(self.fc2(F.relu(self.fc1(code))))))


class Autoencoder(nn.Module):
    def __init__(self, code_size=32):
        super().__init__()
        self.encoder = Encoder(code_size)
        self.decoder = Decoder(code_size)

    def forward(self, image):
        code = self.encoder(image)
        return code, self.decoder(code)


class Perceptron(nn.Module):
    def __init__(self, hidden, classes=10):
        super().__init__()
        self.fc = nn.Linear(64, hidden)
        self.head = nn.Linear(hidden, classes)

    def forward(self, image):
        return self.head(F.relu(self.fc(image)))


class Generator(nn.Module):
    def __init__(self, noise=32, width=32):
        super().__init__()
        self.width = width
        self.linear = nn.Linear(noise, 2 * width * 2 * 2)
        self.batch_norm = nn.BatchNorm2d(2 * width)
        self.conv_transpose2d = nn.ConvTranspose2d(2 * width, width, 4, 2, 1)
        self.batch_norm_2 = nn.BatchNorm2d(width)
        self.conv_transpose2d_2 = nn.ConvTranspose2d(width, 1, 4, 2, 1)

    def forward(self, z):
        x = self.linear(z).reshape(-1, 2 * self.width, 2, 2)
        x = self.conv_transpose2d(self.batch_norm(x).relu())
        return self.conv_transpose2d_2(self.batch_norm_2(x).relu()).sigmoid()


class Critic(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.conv2d = nn.Conv2d(1, width, 4, 2, 1)
        self.conv2d_2 = nn.Conv2d(width, 2 * width, 4, 2, 1)
        self.dropout = nn.Dropout(0.3)
        self.linear = nn.Linear(2 * width * 2 * 2, 1)

    def forward(self, image):
        x = F.leaky_relu(self.conv2d(image), 0.2)
        x = F.leaky_relu(self.conv2d_2(x), 0.2)
        return self.linear(self.dropout(x.flatten(1)))[:, 0]
