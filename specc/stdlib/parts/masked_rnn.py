"""A plain recurrent network over right-padded sequences."""

# mypy: disable-error-code="override, arg-type"

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class MaskedRNN(nn.RNN):
    """An RNN that ends each row where its mask does; the mask is true, then false (right padding).

    The same as packing the rows (`torch.nn.utils.rnn.pack_padded_sequence`), but without sizes that
    depend on values, so that it can be exported. Outputs at padding are zero.
    """

    def forward(
        self, input: Tensor, mask: Tensor, state: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        directions = 2 if self.bidirectional else 1
        if state is None:
            state = input.new_zeros(self.num_layers * directions, input.shape[0], self.hidden_size)
        lengths = mask.sum(1, keepdim=True)
        steps = torch.arange(input.shape[1], device=input.device).expand(mask.shape)
        backwards = torch.where(mask, lengths - 1 - steps, steps).unsqueeze(2)
        last = (lengths - 1).clamp(min=0).unsqueeze(2).expand(-1, -1, self.hidden_size)
        parts = len(self._flat_weights) // (self.num_layers * directions)
        finals: list[Tensor] = []
        for layer in range(self.num_layers):
            outputs: list[Tensor] = []
            for direction in range(directions):
                at = layer * directions + direction
                weights = self._flat_weights[at * parts : (at + 1) * parts]
                given = input
                if direction == 1:
                    given = input.gather(1, backwards.expand(-1, -1, input.shape[2]))
                start = state[at : at + 1]
                if self.mode == "RNN_TANH":
                    output, _ = torch.rnn_tanh(
                        given, start, weights, self.bias, 1, 0.0, self.training, False, True
                    )
                else:
                    output, _ = torch.rnn_relu(
                        given, start, weights, self.bias, 1, 0.0, self.training, False, True
                    )
                final = output.gather(1, last).squeeze(1)
                finals.append(torch.where(lengths > 0, final, start.squeeze(0)))
                if direction == 1:
                    output = output.gather(1, backwards.expand(-1, -1, output.shape[2]))
                outputs.append(output * mask.unsqueeze(2))
            input = torch.cat(outputs, dim=2)
            if layer < self.num_layers - 1:
                input = F.dropout(input, self.dropout, self.training)
        return input, torch.stack(finals)
