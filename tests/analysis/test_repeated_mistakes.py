"""A mistake in a model that is used more than once, and what it does to its users."""

from __future__ import annotations

from pathlib import Path

from tests.analysis.specs import codes, good, one


def test_an_input_stands_in_no_block(tmp_path: Path) -> None:
    spec = """
        model Inner(hidden: int) {
          input x: float[B, 4]
          if hidden <= 4 {
            input more: float[B, 4]
          }
          output y = x |> linear(hidden)
        }
        model Net {
          input x: float[B, 4]
          a = x |> Inner(3)
          output y = a + (x |> Inner(3)) + (x |> Inner(hidden=3))
        }"""
    found = one(tmp_path, spec)
    assert found.code.id == "E0209"
    assert "none inside a block" in found.message


def test_each_use_of_a_faulty_model_is_poisoned(tmp_path: Path) -> None:
    spec = """
        model Inner(hidden: int) {
          input x: float[B, 4]
          output y = x |> linear(hiden)
        }
        model Net {
          input x: float[B, 4]
          output y = (x |> Inner(3)) + (x |> Inner(4)) + (x |> Inner(5))
        }"""
    assert codes(tmp_path, spec) == ["E0201"]


OPEN = """
    model Relu3(width: int) {
      input x: float[B, 4]
      y = x
      if width == 3 {
        y = x |> relu
      }
      output z = y
    }
    model Narrow(width: int) {
      input x: float[B, W]
      y = x
      if width < 4 {
        y = x |> reshape(B, 7)
      }
      output z = y
    }
    model Outer(depth: int) {
      input x: float[B, 4]
      h = x |> Relu3(depth)
      if depth >= 4 {
        h = h |> linear(depth) |> Narrow(depth) |> linear(4)
      }
      output y = h |> Relu3(depth)
    }"""


def test_open_conditions_of_an_applied_model_are_taken_both_ways(tmp_path: Path) -> None:
    good(tmp_path, OPEN)  # `Narrow` is never met with less than 4
    found = one(tmp_path, OPEN.replace("relu", "conv2d(3, 3)"))
    assert found.span is not None
    assert found.span.text == "conv2d(3, 3)"
    found = one(tmp_path, OPEN.replace("depth >= 4", "depth >= 3"))
    assert found.span is not None
    assert found.span.text == "B, 7"
