"""A shared instance whose first use stands in a loop."""

from __future__ import annotations

from pathlib import Path

import torch

import specc
from tests.analysis.specs import codes


def test_it_is_built_where_it_is_declared(tmp_path: Path) -> None:
    path = tmp_path / "net.nnspec"
    path.write_text(
        """nnspec 1
model Net {
  input z: float[B, D]
  x = z
  shared c = linear(D)
  repeat 3 {
    x = x |> c |> relu
  }
  output y = x
}
"""
    )
    net = specc.load(path).model("Net", D=5)
    assert sorted(net.state_dict()) == ["c.bias", "c.weight"]
    z = torch.randn(2, 5)
    wanted = z
    for _ in range(3):
        wanted = net.c(wanted).relu()
    assert torch.equal(net(z), wanted)


def test_a_loop_that_changes_the_size_is_noticed(tmp_path: Path) -> None:
    text = """
        model Net {
          input z: float[B, 7]
          x = z
          shared c = linear(8)
          repeat 2 {
            x = x |> c
          }
          output y = x
        }"""
    assert codes(tmp_path, text) == ["E0515"]
