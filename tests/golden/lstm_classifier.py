"""Models of lstm_classifier.nnspec, compiled by specc."""

from torch import Tensor, nn


class LstmClassifier(nn.Module):
    """Two layers of LSTM; the last step, which has seen the whole window, is classified.

    signal: float[B, T, 100] -> scores: logits[B, classes]
    """

    def __init__(self, hidden: int = 256, classes: int = 10):
        super().__init__()
        self.lstm = nn.LSTM(100, hidden, num_layers=2, batch_first=True, dropout=0.2)
        self.head = nn.Linear(hidden, classes)

    def forward(self, signal: Tensor) -> Tensor:
        h = self.lstm(signal)[0]
        scores = self.head(h[:, -1])  # logits[B, classes]
        return scores
