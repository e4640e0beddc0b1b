"""``scan``: one set of weights along dim 1, against loops written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import specc
from tests.analysis.specs import codes, outputs

DECODER = """
    model Net(words_out: int = 5, hidden: int = 6) {
      input words: float[B, T, E]
      input start: float[B, S]
      state = start |> first: linear(hidden)
      scan word in words {
        mixed = (word, state) |> concat(dim=1) |> mix: linear(hidden)
        state = (mixed, state) |> cell: gru_cell(hidden)
        h = state
      }
      output scores: logits[B, T, words_out] = h |> head: linear(words_out)
      output last = state
    }"""


class Decoder(nn.Module):
    """The same by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 6)
        self.mix = nn.Linear(10, 6)
        self.cell = nn.GRUCell(6, 6)
        self.head = nn.Linear(6, 5)

    def forward(self, words: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        state = self.first(start)
        scores = []
        for t in range(words.shape[1]):
            state = self.cell(self.mix(torch.cat([words[:, t], state], 1)), state)
            scores.append(self.head(state))
        return torch.stack(scores, 1), state


def model(folder: Path, text: str, **sizes: int) -> nn.Module:
    path = folder / "net.nnspec"
    path.write_text(f"nnspec 1\n{text}\n")
    return specc.load(path).model("Net", **sizes)


def test_a_decoder_is_the_loop_that_one_writes(tmp_path: Path) -> None:
    ours, theirs = model(tmp_path, DECODER, E=4, S=3), Decoder()
    ours.load_state_dict(theirs.state_dict())
    words, start = torch.randn(2, 7, 4), torch.randn(2, 3)
    result, expected = ours(words, start), theirs(words, start)
    torch.testing.assert_close(result.scores, expected[0], rtol=0, atol=1e-6)
    assert torch.equal(result.last, expected[1])
    result.scores.sum().backward()
    expected[0].sum().backward()
    for (name, one), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, msg=name, rtol=1e-5, atol=1e-6)


def test_it_scripts_and_exports(tmp_path: Path) -> None:
    net = model(tmp_path, DECODER, E=4, S=3).eval()
    words, start = torch.randn(2, 7, 4), torch.randn(2, 3)
    scripted = torch.jit.script(net)
    assert torch.equal(scripted(words[:, :3], start).scores, net(words[:, :3], start).scores)
    batch = torch.export.Dim("batch", min=2)
    exported = torch.export.export(net, (words, start), dynamic_shapes=({0: batch}, {0: batch}))
    again = torch.randn(5, 7, 4), torch.randn(5, 3)
    torch.testing.assert_close(exported.module()(*again).scores, net(*again).scores)


def test_types_of_what_a_scan_leaves(tmp_path: Path) -> None:
    assert outputs(tmp_path, DECODER) == {"scores": "logits[B, T, 5]", "last": "float[B, 6]"}


def test_sequences_in_lockstep_inside_a_loop(tmp_path: Path) -> None:
    net = model(
        tmp_path,
        """
        model Net {
          input a: float[B, T, D]
          input seen: mask[B, T]
          s = a |> mean(dim=1)
          repeat 2 {
            scan x, m in (a, seen) {
              s = (m |> unsqueeze(1), s + (x |> step: linear(D)), s) |> where
            }
          }
          output y = s
        }""",
        D=3,
    )
    a, seen = torch.randn(2, 5, 3), torch.tensor([[True] * 5, [True, True, False, False, False]])
    s = a.mean(1)
    for step in net.step:
        for t in range(5):
            s = torch.where(seen[:, t : t + 1], s + step(a[:, t]), s)
    assert torch.equal(net(a, seen), s)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("scan x, y in (words, others) { s = s + x + y }", "E0405"),
        ("scan x, y in words { s = s + x }", "E0410"),
        ("n = 1\n scan x in words { n = n + 1 }", "E0411"),
        ("scan x in words { s = x |> linear(9) }", "E0411"),
    ],
)
def test_what_cannot_be_scanned(tmp_path: Path, body: str, code: str) -> None:
    text = f"""
        model Net {{
          input words: float[B, T, 8]
          input others: float[B, U, 8]
          s = words[:, 0]
          {body}
          output y = s
        }}"""
    assert codes(tmp_path, text) == [code]
