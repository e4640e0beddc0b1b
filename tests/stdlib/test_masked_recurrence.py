"""Masked recurrence equals packing, which is what torch offers for padded sequences."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from specc.stdlib.parts.masked_gru import MaskedGRU
from specc.stdlib.parts.masked_lstm import MaskedLSTM
from specc.stdlib.parts.masked_rnn import MaskedRNN

CASES = [
    (MaskedRNN, nn.RNN, {}),
    (MaskedRNN, nn.RNN, {"nonlinearity": "relu"}),
    (MaskedGRU, nn.GRU, {}),
    (MaskedLSTM, nn.LSTM, {}),
    (MaskedLSTM, nn.LSTM, {"proj_size": 2}),
]


def flat(value: Any) -> list[Tensor]:
    return [value] if isinstance(value, Tensor) else [t for item in value for t in flat(item)]


def pair(
    part: Any, module: Any, options: dict[str, Any], layers: int, both: bool
) -> tuple[Any, Any]:
    torch.manual_seed(0)
    options = {**options, "num_layers": layers, "bidirectional": both, "batch_first": True}
    masked, packed = part(3, 4, **options), module(3, 4, **options)
    packed.load_state_dict(masked.state_dict(), strict=True)
    return masked, packed


@pytest.mark.parametrize(("part", "module", "options"), CASES)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("both", [False, True])
def test_results_and_gradients(
    part: Any, module: Any, options: dict[str, Any], layers: int, both: bool
) -> None:
    masked, packed = pair(part, module, options, layers, both)
    lengths = torch.tensor([5, 2, 7, 1])
    mask = torch.arange(7) < lengths[:, None]
    x = torch.randn(4, 7, 3)
    got = masked(x, mask)
    rows, states = packed(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
    wanted = (pad_packed_sequence(rows, batch_first=True)[0], states)
    for one, other in zip(flat(got), flat(wanted), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)
    for result in (got, wanted):
        torch.stack([t.square().sum() for t in flat(result)]).sum().backward()
    for one, other in zip(masked.parameters(), packed.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("part", "module", "options"), CASES)
def test_a_full_mask_changes_nothing(part: Any, module: Any, options: dict[str, Any]) -> None:
    masked, plain = pair(part, module, options, 2, True)
    x = torch.randn(3, 5, 3)
    for one, other in zip(
        flat(masked(x, torch.ones(3, 5, dtype=torch.bool))), flat(plain(x)), strict=True
    ):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("part", "module", "options"), CASES)
def test_what_stands_in_the_padding_has_no_effect(
    part: Any, module: Any, options: dict[str, Any]
) -> None:
    masked, _ = pair(part, module, options, 2, True)
    mask = torch.arange(6) < torch.tensor([[4], [6], [2]])
    x = torch.randn(3, 6, 3)
    other = torch.where(mask[..., None], x, torch.full_like(x, 50.0))
    for one, another in zip(flat(masked(x, mask)), flat(masked(other, mask)), strict=True):
        torch.testing.assert_close(one, another, rtol=1e-6, atol=1e-7)


def test_an_empty_row_keeps_the_state_it_starts_with() -> None:
    mask = torch.tensor([[False] * 4, [True] * 4])
    start = torch.randn(1, 2, 4), torch.randn(1, 2, 4)
    output, (hidden, cell) = MaskedLSTM(3, 4, batch_first=True)(torch.randn(2, 4, 3), mask, start)
    assert not output[0].any()
    assert torch.equal(hidden[:, 0], start[0][:, 0])
    assert torch.equal(cell[:, 0], start[1][:, 0])
