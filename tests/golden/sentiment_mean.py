"""Models of sentiment_mean.nnspec, compiled by specc."""

import torch.nn.functional as F
from torch import Tensor, nn


def masked_mean(x: Tensor, mask: Tensor) -> Tensor:
    """The mean over dim 1 of ``x`` (B, T, ...) where ``mask`` (B, T) is true, or 0."""
    counts = mask.reshape(mask.shape + (1,) * (x.dim() - 2))
    total = x.masked_fill(~counts, 0.0).sum(1)
    return total / counts.sum(1).clamp(min=1)


class SentimentMean(nn.Module):
    """The order of the words does not matter to it, nor does padding.

    words: ids(vocabulary)[B, T], seen: mask[B, T] -> scores: logits[B, classes]
    """

    def __init__(self, vocabulary: int, size: int = 100, classes: int = 2):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.dropout = nn.Dropout(p=0.3)
        self.hidden = nn.Linear(size, 64)
        self.head = nn.Linear(64, classes)

    def forward(self, words: Tensor, seen: Tensor) -> Tensor:
        x = self.embedding(words)  # float[B, T, size]
        x = F.relu(self.hidden(self.dropout(masked_mean(x, seen))))  # float[B, 64]
        scores = self.head(x)  # logits[B, classes]
        return scores
