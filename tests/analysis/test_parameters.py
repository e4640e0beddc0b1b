"""Parameters of models and of components: types, defaults, layers as values."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.specs import codes, one, outputs

BLOCK = """
    model Net({parameters}) {{
      input x: float[B, 4]
      output y = x |> linear({width})
    }}"""


@pytest.mark.parametrize(
    ("parameters", "width", "shown"),
    [
        ("n: int = 3", "n", "3"),
        ("n: int", "n", "n"),
        ("n: int", "2 * n + 1", "2*n + 1"),
        ("n: list[int] = [5, 6]", "n[-1]", "6"),
        ("n: list[int] = [5, 6]", "sum(n)", "11"),
        ("wide: bool = true", "8 if wide else 2", "8"),
        ("kind: str = 'wide'".replace("'", '"'), '8 if kind == "wide" else 2', "8"),
        ("scale: float = 1.5", "round(scale * 4)", "6"),
        ("a: int = 2, b: int = 3", "max(a, b) ** 2", "9"),
    ],
)
def test_types_and_defaults(tmp_path: Path, parameters: str, width: str, shown: str) -> None:
    spec = BLOCK.format(parameters=parameters, width=width)
    assert outputs(tmp_path, spec) == {"y": f"float[B, {shown}]"}


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("int", "true"),
        ("int", "2.0"),
        ("int", '"2"'),
        ("bool", "1"),
        ("str", "1"),
        ("float", '"1"'),
        ("list[int]", "[1, 2.5]"),
        ("list[int]", "3"),
        ("layer", "3"),
        ("int", "none"),
    ],
)
def test_values_are_not_converted(tmp_path: Path, type_: str, value: str) -> None:
    spec = f"""
        model Block(p: {type_}) {{
          input x: float[B, D]
          output y = x |> linear(D)
        }}
        model Net {{
          input x: float[B, 4]
          output y = x |> Block({value})
        }}"""
    assert "E0304" in codes(tmp_path, spec)


def test_whole_numbers_pass_for_floats(tmp_path: Path) -> None:
    spec = """
        model Net(p: float = 0) {
          input x: float[B, 4]
          output y = x |> dropout(p)
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 4]"}


def test_arguments_by_position_then_by_name(tmp_path: Path) -> None:
    spec = """
        model Block(a: int, b: int = 1, c: int = 2) {
          input x: float[B, D]
          output y = x |> linear(100 * a + 10 * b + c)
        }
        model Net {
          input x: float[B, 4]
          output y = x |> Block(3, c=7)
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 317]"}


def test_a_layer_is_a_value(tmp_path: Path) -> None:
    spec = """
        model Block(act: layer = relu, conv: layer = conv2d) {
          input x: float[B, C, H, W]
          output y = x |> conv(8, kernel_size=3, padding=1) |> act
        }
        model Net {
          input x: float[B, 3, 8, 8]
          output y = x |> Block |> Block(gelu) |> Block(act=leaky_relu(0.2))
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 8, 8, 8]"}


def test_a_model_is_a_layer_too(tmp_path: Path) -> None:
    spec = """
        model Gate(width: int) {
          input x: float[B, D]
          output y = x |> linear(width) |> sigmoid
        }
        model Apply(inner: layer) {
          input x: float[B, D]
          output y = x |> inner(6)
        }
        model Net {
          input x: float[B, 4]
          output y = x |> Apply(Gate)
        }"""
    assert outputs(tmp_path, spec)["y"] in ("float[B, 6]", "probs[B, 6]")


def test_defaults_see_the_constants_of_their_file_and_not_of_the_caller(tmp_path: Path) -> None:
    blocks = """
        width = 6
        model Block(n: int = width) {
          input x: float[B, D]
          output y = x |> linear(n)
        }"""
    spec = """
        import "blocks.nnspec" as blocks
        width = 9
        model Net {
          input x: float[B, 4]
          output y = x |> blocks.Block
        }"""
    assert outputs(tmp_path, spec, blocks=blocks) == {"y": "float[B, 6]"}


def test_all_mistakes_of_one_call_are_reported(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 3, 8, 8]
          output y = x |> conv2d("8", kernel_size=3, strid=2, out_channels=2)
        }"""
    assert codes(tmp_path, spec) == ["E0304", "E0301", "E0305"]
    spec = """
        model Net {
          input x: float[B, 3, 8, 8]
          output y = x |> conv2d("8", kernel_size=3.5, stride=0)
        }"""
    assert codes(tmp_path, spec) == ["E0304", "E0304", "E0304"]


def test_a_size_that_is_free_may_configure_what_is_a_size(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, C, H, W]
          output y = x |> conv2d(2 * C, kernel_size=1) |> adaptive_avg_pool2d(1) |> flatten
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 2*C]"}


def test_a_size_that_is_free_may_not_configure_a_rate(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, C]
          output y = x |> dropout(C)
        }"""
    assert one(tmp_path, spec).code.id == "E0307"
