"""Sizes that follow from a model's parameters: the class serves other values, or refuses them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from specc.codegen.load import load_source
from tests.analysis.specs import source

# Name, parameters, expression over `x: float[B, 4, 8]`, other values.
FOLLOWING: list[tuple[str, str, str, dict[str, Any]]] = [
    ("chunk", "n: int = 4", "(x |> linear(2 * n) |> chunk(2, dim=2))[1]", {"n": 3}),
    ("uneven chunk", "n: int = 7", "(x |> linear(n) |> chunk(3, dim=2))[2]", {"n": 8}),
    ("split", "n: int = 3", "(x |> linear(2 * n) |> split(n, dim=2))[1]", {"n": 5}),
    ("split in parts", "n: int = 2", "(x |> split([n, 8 - n], dim=2))[1]", {"n": 5}),
    ("unflatten", "n: int = 2", "x |> unflatten(2, [n, 8 // n])", {"n": 4}),
    ("reshape", "n: int = 2", "x |> reshape(B, 4 * n, 8 // n)", {"n": 4}),
    ("repeat_interleave", "n: int = 2", "x |> repeat_interleave(n, dim=2)", {"n": 3}),
    ("tile", "n: int = 2", "x |> tile(1, 1, n)", {"n": 3}),
    ("pad", "n: int = 2", "x |> pad([n, 1])", {"n": 3}),
    ("slice", "n: int = 2", "x[:, :, n:]", {"n": 3}),
    ("one_hot", "n: int = 3", "x |> argmax(dim=2) |> one_hot(n + 8) |> to_float", {"n": 4}),
    ("max_pool1d", "n: int = 2", "x |> max_pool1d(n)", {"n": 3}),
    ("avg_pool1d", "n: int = 2", "x |> avg_pool1d(3, stride=n, padding=1)", {"n": 3}),
    ("adaptive", "n: int = 2", "x |> adaptive_avg_pool1d(n)", {"n": 3}),
    ("conv1d", "n: int = 3", "x |> conv1d(n, kernel_size=n, padding=n // 2)", {"n": 5}),
    ("conv_transpose1d", "n: int = 2", "x |> conv_transpose1d(n, 3, stride=n)", {"n": 3}),
    ("interpolate", "n: int = 2", "x |> interpolate(scale_factor=n)", {"n": 3}),
    ("interpolate to", "n: int = 12", "x |> interpolate(size=n)", {"n": 9}),
    ("pad of a list", "ns: list[int] = [2, 1]", "x |> pad(ns)", {"ns": [3, 2]}),
    ("gru", "n: int = 3", "(x |> gru(n, bidirectional=true)).output", {"n": 5}),
    ("directions", "two: bool = true", "(x |> lstm(3, bidirectional=two)).output", {"two": False}),
    ("projection", "n: int = 2", "(x |> lstm(5, proj_size=n)).output", {"n": 3}),
    ("glu", "n: int = 4", "x |> linear(2 * n) |> glu(dim=2)", {"n": 3}),
    ("topk", "n: int = 2", "(x |> topk(n)).values", {"n": 3}),
    ("stack", "n: int = 2", "hs |> stack(dim=3)", {"n": 3}),
    ("concat", "n: int = 2", "hs |> concat(dim=2)", {"n": 3}),
    ("pixel_shuffle", "n: int = 2", "x |> reshape(B, 4, 4, 2) |> pixel_shuffle(n)", {"n": 1}),
    ("embedding", "n: int = 3", "x |> argmax(dim=2) |> embedding(8, n)", {"n": 4}),
    ("expand", "n: int = 3", "x |> unsqueeze(3) |> expand(-1, -1, -1, n)", {"n": 4}),
]

REFUSED = {
    "x |> interpolate(scale_factor=n)",
    "(x |> lstm(3, bidirectional=two)).output",
    "(x |> lstm(5, proj_size=n)).output",
    "hs |> stack(dim=3)",
    "hs |> concat(dim=2)",
}
"""Those that hold for the analysed value alone."""


@pytest.mark.parametrize(
    ("parameters", "expression", "other"),
    [each[1:] for each in FOLLOWING],
    ids=[each[0] for each in FOLLOWING],
)
def test_a_layer_after_it_takes_what_it_gives(
    parameters: str, expression: str, other: dict[str, Any], tmp_path: Path
) -> None:
    grown = "hs = []\n repeat n { hs = hs + [x] }" if "hs" in expression else ""
    spec = f"""
        model Net({parameters}) {{
          input x: float[B, 4, 8]
          {grown}
          h = {expression}
          output y = h |> flatten |> linear(2)
          output z = h |> linear(2)
        }}"""
    module = load_source(source(tmp_path, spec))
    x = torch.randn(3, 4, 8)
    module.Net()(x)
    if expression in REFUSED:
        with pytest.raises(ValueError, match="is used with"):
            module.Net(**other)
        return
    net = module.Net(**other)
    result = net(x)
    assert result.y.shape == (3, 2)
    assert result.z.shape[-1] == 2
