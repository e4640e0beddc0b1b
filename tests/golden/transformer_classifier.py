"""Models of transformer_classifier.nnspec, compiled by specc."""

import torch
from torch import Tensor, nn


def positions(x: Tensor) -> Tensor:
    """0, 1, ..., T - 1 for ``x`` of shape (B, T, ...)."""
    return torch.arange(x.shape[1], device=x.device)


def masked_mean(x: Tensor, mask: Tensor) -> Tensor:
    """The mean over dim 1 of ``x`` (B, T, ...) where ``mask`` (B, T) is true, or 0."""
    counts = mask.reshape(mask.shape + (1,) * (x.dim() - 2))
    total = x.masked_fill(~counts, 0.0).sum(1)
    return total / counts.sum(1).clamp(min=1)


class TransformerClassifier(nn.Module):
    """Token and position vectors, an encoder, the mean over tokens, a linear layer.

    tokens: ids(vocabulary)[B, T], seen: mask[B, T] -> scores: logits[B, classes]
    """

    def __init__(
        self,
        vocabulary: int,
        classes: int,
        size: int = 128,
        heads: int = 4,
        layers: int = 2,
        longest: int = 256,
        drop: float = 0.1,
    ):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.position = nn.Embedding(longest, size)
        self.dropout = nn.Dropout(p=drop)
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(
                size,
                heads,
                dim_feedforward=4 * size,
                dropout=drop,
                activation="gelu",
                norm_first=True,
                batch_first=True,
            ),
            layers,
            norm=nn.LayerNorm(size),
            enable_nested_tensor=False,
        )
        self.head = nn.Linear(size, classes)

    def forward(self, tokens: Tensor, seen: Tensor) -> Tensor:
        x = self.embedding(tokens)  # float[B, T, size]
        x = self.dropout(x + self.position(positions(x)))  # float[B, T, size]
        x = self.encoder(x, src_key_padding_mask=~seen)  # float[B, T, size]
        scores = self.head(masked_mean(x, seen))  # logits[B, classes]
        return scores
