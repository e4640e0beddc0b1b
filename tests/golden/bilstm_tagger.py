"""Models of bilstm_tagger.nnspec, compiled by specc."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class MaskedLSTM(nn.LSTM):
    """An LSTM that ends each row where its mask does; the mask is true, then false (right padding).

    The same as packing the rows (`torch.nn.utils.rnn.pack_padded_sequence`), but without sizes that
    depend on values, so that it can be exported. Outputs at padding are zero.
    """

    def forward(
        self, input: Tensor, mask: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        directions = 2 if self.bidirectional else 1
        width = self.proj_size if self.proj_size > 0 else self.hidden_size
        if state is None:
            count = self.num_layers * directions
            state = (
                input.new_zeros(count, input.shape[0], width),
                input.new_zeros(count, input.shape[0], self.hidden_size),
            )
        lengths = mask.sum(1, keepdim=True)
        steps = torch.arange(input.shape[1], device=input.device).expand(mask.shape)
        backwards = torch.where(mask, lengths - 1 - steps, steps).unsqueeze(2)
        last = (lengths - 1).clamp(min=0).unsqueeze(2).expand(-1, -1, width)
        # One more input, which is 1 at padding, closes the input gate there (its sigmoid is exactly
        # 0) and opens the forget gate (exactly 1): the cell stays as it was at the last real step.
        padding = (~mask).unsqueeze(2).to(input.dtype)
        gates = input.new_zeros(4, self.hidden_size)
        gates[0] = -1e4
        gates[1] = 1e4
        gates = gates.view(-1, 1)
        parts = len(self._flat_weights) // (self.num_layers * directions)
        hiddens: list[Tensor] = []
        cells: list[Tensor] = []
        for layer in range(self.num_layers):
            outputs: list[Tensor] = []
            for direction in range(directions):
                at = layer * directions + direction
                weights = self._flat_weights[at * parts : (at + 1) * parts]
                weights[0] = torch.cat([weights[0], gates], dim=1)
                given = input
                if direction == 1:
                    given = input.gather(1, backwards.expand(-1, -1, input.shape[2]))
                given = torch.cat([given, padding], dim=2)
                start = [state[0][at : at + 1], state[1][at : at + 1]]
                output, _, cell = torch.lstm(
                    given, start, weights, self.bias, 1, 0.0, self.training, False, True
                )
                final = output.gather(1, last).squeeze(1)
                hiddens.append(torch.where(lengths > 0, final, start[0].squeeze(0)))
                cells.append(cell.squeeze(0))
                if direction == 1:
                    output = output.gather(1, backwards.expand(-1, -1, output.shape[2]))
                outputs.append(output * mask.unsqueeze(2))
            input = torch.cat(outputs, dim=2)
            if layer < self.num_layers - 1:
                input = F.dropout(input, self.dropout, self.training)
        return input, (torch.stack(hiddens), torch.stack(cells))


class BiLstmTagger(nn.Module):
    """A two-layer LSTM that reads each sentence from both ends.

    words: ids(vocabulary)[B, T], seen: mask[B, T] -> scores: logits[B, T, tags]
    """

    def __init__(
        self, vocabulary: int, tags: int, size: int = 100, hidden: int = 128, drop: float = 0.3
    ):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.dropout1 = nn.Dropout(p=drop)
        self.lstm = MaskedLSTM(size, hidden, num_layers=2, batch_first=True, bidirectional=True)
        self.dropout2 = nn.Dropout(p=drop)
        self.head = nn.Linear(2 * hidden, tags)

    def forward(self, words: Tensor, seen: Tensor) -> Tensor:
        x = self.dropout1(self.embedding(words))  # float[B, T, size]
        h = self.lstm(x, seen)[0]  # float[B, T, 2*hidden]
        scores = self.head(self.dropout2(h))  # logits[B, T, tags]
        return scores
