"""Models of gpt_small.nnspec, compiled by specc."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def positions(x: Tensor) -> Tensor:
    """0, 1, ..., T - 1 for ``x`` of shape (B, T, ...)."""
    return torch.arange(x.shape[1], device=x.device)


class Block(nn.Module):
    """Attention to what came before, then two linear layers, each added to what goes past it.

    x: float[B, T, Width] -> y: float[B, T, Width]
    """

    def __init__(self, width: int, heads: int, drop: float = 0.1):
        super().__init__()
        self.heads = heads
        self.ln1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.dropout1 = nn.Dropout(p=drop)
        self.ln2 = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        self.dropout2 = nn.Dropout(p=drop)

    def forward(self, x: Tensor) -> Tensor:
        b, t, width = x.shape
        q, k, v = self.qkv(self.ln1(x)).chunk(3, dim=-1)
        q = q.reshape(b, t, self.heads, width // self.heads).transpose(1, 2)
        k = k.reshape(b, t, self.heads, width // self.heads).transpose(1, 2)
        v = v.reshape(b, t, self.heads, width // self.heads).transpose(1, 2)
        past = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        past = past.transpose(1, 2).reshape(b, t, width)  # float[B, T, Width]
        h = x + self.dropout1(self.proj(past))  # float[B, T, Width]
        wide = F.gelu(self.fc1(self.ln2(h)))  # float[B, T, 4*Width]
        y = h + self.dropout2(self.fc2(wide))  # float[B, T, Width]
        return y


class Gpt(nn.Module):
    """A stack of blocks; tokens are scored by the vectors that they are read with
    (Radford et al., Language models are unsupervised multitask learners, 2019).

    tokens: ids(vocabulary)[B, T] -> scores: logits[B, T, vocabulary]
    """

    def __init__(
        self,
        vocabulary: int,
        context: int = 128,
        size: int = 128,
        layers: int = 4,
        heads: int = 4,
        drop: float = 0.1,
    ):
        super().__init__()
        self.wte = nn.Embedding(vocabulary, size)
        self.wpe = nn.Embedding(context, size)
        self.dropout = nn.Dropout(p=drop)
        self.h = nn.ModuleList()
        for _ in range(layers):
            self.h.append(Block(size, heads, drop))
        self.ln = nn.LayerNorm(size)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.wte(tokens)  # float[B, T, size]
        x = self.dropout(x + self.wpe(positions(x)))  # float[B, T, size]
        for h in self.h:
            x = h(x)  # float[B, T, size]
        x = self.ln(x)  # float[B, T, size]
        scores = x @ self.wte.weight.transpose(0, 1)  # logits[B, T, vocabulary]
        return scores
