"""Models of sequences as a person writes them, with the specs' names and nothing else."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class LstmClassifier(nn.Module):
    def __init__(self, hidden=256, classes=10):
        super().__init__()
        self.lstm = nn.LSTM(100, hidden, num_layers=2, batch_first=True, dropout=0.2)
        self.head = nn.Linear(hidden, classes)

    def forward(self, signal):
        output, _ = self.lstm(signal)
        return self.head(output[:, -1])


class BiLstmTagger(nn.Module):
    def __init__(self, vocabulary, tags, size=100, hidden=128, drop=0.3):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.dropout1 = nn.Dropout(drop)
        self.lstm = nn.LSTM(size, hidden, num_layers=2, batch_first=True, bidirectional=True)
        self.dropout2 = nn.Dropout(drop)
        self.head = nn.Linear(2 * hidden, tags)

    def forward(self, words, seen):
        x = self.dropout1(self.embedding(words))
        lengths = seen.sum(1).cpu()
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        packed, _ = self.lstm(packed)
        output, _ = pad_packed_sequence(packed, batch_first=True, total_length=words.shape[1])
        return self.head(self.dropout2(output))


class SentimentMean(nn.Module):
    def __init__(self, vocabulary, size=100, classes=2):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.dropout = nn.Dropout(0.3)
        self.hidden = nn.Linear(size, 64)
        self.head = nn.Linear(64, classes)

    def forward(self, words, seen):
        x = self.embedding(words).masked_fill(~seen.unsqueeze(2), 0)
        x = x.sum(dim=1) / seen.sum(dim=1, keepdim=True)
        x = F.relu(self.hidden(self.dropout(x)))
        return self.head(x)


class TransformerClassifier(nn.Module):
    def __init__(self, vocabulary, classes, size=128, heads=4, layers=2, longest=256, drop=0.1):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.position = nn.Embedding(longest, size)
        self.dropout = nn.Dropout(drop)
        layer = nn.TransformerEncoderLayer(
            size,
            heads,
            dim_feedforward=4 * size,
            dropout=drop,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.encoder = nn.TransformerEncoder(
            layer, layers, norm=nn.LayerNorm(size), enable_nested_tensor=False
        )
        self.head = nn.Linear(size, classes)

    def forward(self, tokens, seen):
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.dropout(self.embedding(tokens) + self.position(positions))
        x = self.encoder(x, src_key_padding_mask=~seen)
        x = x.masked_fill(~seen.unsqueeze(2), 0)
        x = x.sum(dim=1) / seen.sum(dim=1, keepdim=True)
        return self.head(x)


class Block(nn.Module):
    def __init__(self, width, heads, drop):
        super().__init__()
        self.heads = heads
        self.ln1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.dropout1 = nn.Dropout(drop)
        self.ln2 = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        self.dropout2 = nn.Dropout(drop)

    def attend(self, x):
        b, t, width = x.shape
        q, k, v = self.qkv(x).split(width, dim=2)
        q = q.view(b, t, self.heads, width // self.heads).transpose(1, 2)
        k = k.view(b, t, self.heads, width // self.heads).transpose(1, 2)
        v = v.view(b, t, self.heads, width // self.heads).transpose(1, 2)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return y.transpose(1, 2).contiguous().view(b, t, width)

    def forward(self, x):
        x = x + self.dropout1(self.proj(self.attend(self.ln1(x))))
        return x + self.dropout2(self.fc2(F.gelu(self.fc1(self.ln2(x)))))


class Gpt(nn.Module):
    def __init__(self, vocabulary, context=128, size=128, layers=4, heads=4, drop=0.1):
        super().__init__()
        self.wte = nn.Embedding(vocabulary, size)
        self.wpe = nn.Embedding(context, size)
        self.dropout = nn.Dropout(drop)
        self.h = nn.ModuleList(Block(size, heads, drop) for _ in range(layers))
        self.ln = nn.LayerNorm(size)

    def forward(self, tokens):
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.dropout(self.wte(tokens) + self.wpe(positions))
        for block in self.h:
            x = block(x)
        return self.ln(x) @ self.wte.weight.T
