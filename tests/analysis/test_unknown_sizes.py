"""Sizes that have to be numbers before a model is built."""

from __future__ import annotations

from pathlib import Path

import pytest

import specc
from specc.diagnostics import SpecError

SPEC = """nnspec 1

model Net(classes: int = 3) {
  input x: float[B, T, D]
  output y = x |> flatten |> linear(classes)
}
"""


def test_a_constructor_that_needs_a_free_size(tmp_path: Path) -> None:
    path = tmp_path / "net.nnspec"
    path.write_text(SPEC)
    spec = specc.load(path)
    with pytest.raises(SpecError) as raised:
        spec.model("Net", T=4)
    (found,) = raised.value.diagnostics
    assert found.code.id == "E0756"
    assert "`D`" in found.message
    assert spec.model("Net", T=4, D=5).linear.in_features == 20
