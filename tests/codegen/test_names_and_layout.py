"""Names of a spec that Python, torch or the emitted module has another use for; long lines."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import specc
from specc.api import Spec
from specc.codegen.layout import WIDTH, wrapped


def load(folder: Path, text: str) -> Spec:
    path = folder / "spec.nnspec"
    path.write_text(f"nnspec 1\n{text}", encoding="utf-8")
    return specc.load(path)


def run(module: nn.Module, *inputs: Tensor) -> Tensor:
    """The output, which TorchScript has to agree with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted = torch.jit.script(module)
    with torch.no_grad():
        found = module(*inputs)
        torch.testing.assert_close(scripted(*inputs), found)
    assert isinstance(found, Tensor)
    return found


def test_a_tensor_called_as_what_makes_it(tmp_path: Path) -> None:
    text = """
    model A {
      input x: float[B, T, 4]
      input seen: mask[B, T]
      positions = x |> learned_positions(9)
      masked_mean = (positions, mask=seen) |> masked_mean
      output y = masked_mean |> linear(3)
    }
    """
    seen = torch.ones(2, 5, dtype=torch.bool)
    assert run(load(tmp_path, text).model("A"), torch.randn(2, 5, 4), seen).shape == (2, 3)


def test_models_called_as_what_the_module_imports(tmp_path: Path) -> None:
    text = """
    model F { input x: float[B, 3]
      output y = x |> relu }
    model Tensor { input x: float[B, 3]
      output y = x |> F }
    model range { input x: float[B, 3]
      repeat 2 { x2 = x |> Tensor }
      output y = x2 }
    """
    spec = load(tmp_path, text)
    x = torch.randn(2, 3)
    for name in spec.models:
        assert torch.equal(run(spec.model(name), x), x.relu())


def test_a_model_called_as_the_outputs_of_another(tmp_path: Path) -> None:
    text = """
    model A { input x: float[B, 3]
      output y = x |> relu
      output z = x |> tanh }
    model AOutput { input x: float[B, 3]
      A = x |> A
      output y = A.z }
    """
    x = torch.randn(2, 3)
    assert torch.equal(run(load(tmp_path, text).model("AOutput"), x), x.tanh())


def test_parameters_called_as_words_of_python(tmp_path: Path) -> None:
    text = """
    model Inner(lambda: int, min: int = 2) { input x: float[B, 6]
      output y = x |> reshape(B, lambda, min) }
    model Outer(class: int = 3) { input x: float[B, 6]
      output y = x |> Inner(lambda=class, min=2) }
    """
    spec = load(tmp_path, text)
    assert run(spec.model("Outer"), torch.randn(4, 6)).shape == (4, 3, 2)
    assert run(spec.model("Inner", **{"lambda": 2, "min": 3}), torch.randn(4, 6)).shape == (4, 2, 3)


@pytest.mark.parametrize("name", ["half", "training", "forward", "heads", "_modules"])
def test_parameters_called_as_attributes(name: str, tmp_path: Path) -> None:
    text = f"""
    model A({name}: int) {{
      input x: float[B, D]
      output y = x |> heads: linear(2 * {name}) |> reshape(B, 2, {name})
    }}
    """
    module = load(tmp_path, text).model("A", **{name: 3, "D": 5})
    assert list(module.state_dict()) == ["heads.weight", "heads.bias"]
    assert run(module.eval(), torch.randn(4, 5)).shape == (4, 2, 3)
    assert not module.training


def test_a_title_is_only_a_title(tmp_path: Path) -> None:
    path = tmp_path / 'a""" + crash + """\\.nnspec'
    path.write_text("nnspec 1\nmodel A { input x: float[B, 3]\n output y = x |> relu }")
    run(specc.load(path).model("A"), torch.randn(2, 3))


# --- results of which a part is used -----------------------------------------------------------


def body_of(folder: Path, statements: str) -> str:
    text = f"model A {{\n input x: float[B, T, 4]\n{statements}\n}}"
    spec = load(folder, text)
    run(spec.model("A"), torch.randn(2, 5, 4))
    return spec.source()


def test_one_result_of_several(tmp_path: Path) -> None:
    source = body_of(tmp_path, "h = x |> gru(3)\n output y = h.hidden[0]")
    assert "h = self.gru(x)[1]\n" in source
    assert "y = h[0]" in source


def test_two_results_with_a_common_beginning(tmp_path: Path) -> None:
    source = body_of(tmp_path, "h = x |> lstm(3)\n output y = h.hidden + h.cell")
    assert "h = self.lstm(x)[1]\n" in source
    assert "y = h[0] + h[1]" in source


def test_two_results_apart(tmp_path: Path) -> None:
    source = body_of(tmp_path, "h = x |> gru(3)\n output y = h.output[:, -1] + h.hidden[0]")
    assert "h = self.gru(x)\n" in source
    assert "y = h[0][:, -1] + h[1][0]" in source


def test_a_name_that_is_bound_twice(tmp_path: Path) -> None:
    source = body_of(tmp_path, "h = x |> gru(3)\n h = h |> gru(2)\n output y = h")
    assert "self.gru(x)" in source


# --- layout ------------------------------------------------------------------------------------


def test_short_lines_stay() -> None:
    assert wrapped("    x = f(1, 2)") == ["    x = f(1, 2)"]


def test_long_lines_break_where_a_person_breaks_them() -> None:
    inner = ", ".join(f"argument_{n}='a, ('" for n in range(6))
    lines = wrapped(f"    self.a = nn.B(nn.C({inner}), 3)")
    assert lines[:2] == ["    self.a = nn.B(", "        nn.C("]
    assert lines[-3:] == ["        ),", "        3,", "    )"]
    assert all(len(line) <= WIDTH for line in lines)
    assert "".join(line.strip() for line in lines).count("argument_") == 6


def test_a_line_without_brackets_stays() -> None:
    line = "x = " + " + ".join(["a_long_name"] * 12)
    assert wrapped(line) == [line]
