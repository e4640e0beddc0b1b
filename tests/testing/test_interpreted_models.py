"""Emitted modules against the walk over the IR that knows nothing of code generation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace
from torch import Tensor, nn

from specc.codegen.load import load_source
from specc.codegen.module import emit
from specc.compiler import check_file
from specc.ir import program as steps
from specc.testing.program import InterpretedModel, WrongType
from specc.types.terms import Const


@pytest.fixture
def program_of(tmp_path: Path) -> Callable[[str], steps.Program]:
    def compiled(text: str) -> steps.Program:
        path = tmp_path / "test.nnspec"
        path.write_text(text, "utf-8")
        checked, diagnostics = check_file(str(path))
        assert checked is not None, [d.message for d in diagnostics]
        return checked.program()

    return compiled


def pair(
    program: steps.Program, model: str, sizes: dict[str, int], **parameters: Any
) -> tuple[nn.Module, nn.Module]:
    """The emitted module and the oracle, which has not been called yet."""
    found = next(m for m in program.models if m.name == model)
    module = load_source(emit(program, "test"))
    emitted = getattr(module, model)(*[sizes[name] for name in found.dim_names], **parameters)
    return emitted, InterpretedModel(program, model, parameters, sizes)


def assert_agree(emitted: nn.Module, oracle: nn.Module, *inputs: Tensor) -> None:
    emitted.eval()
    oracle.eval()
    oracle(*inputs)
    oracle.load_state_dict(emitted.state_dict(), strict=True)
    wanted, got = oracle(*inputs), emitted(*inputs)
    if isinstance(wanted, Tensor):
        wanted, got = (wanted,), (got,)
    for one, other in zip(wanted, got, strict=True):
        assert torch.equal(one, other)


RESIDUAL = """nnspec 1

model Residual(channels: int, stride: int = 1) {
  input x: float[B, C, H, W]
  main = x
    |> conv2d(channels, kernel_size=3, stride=stride, padding=1, bias=false) |> batch_norm |> relu
    |> conv2d(channels, kernel_size=3, padding=1, bias=false) |> batch_norm
  skip = x
  if stride != 1 or C != channels {
    skip = x |> conv2d(channels, kernel_size=1, stride=stride, bias=false) |> batch_norm
  }
  output y = (main + skip) |> relu
}

model Net(classes: int = 10) {
  input image: float[B, 3, H, W]
  x = image |> stem: conv2d(8, kernel_size=3, padding=1, bias=false) |> batch_norm |> relu
  for width in [8, 16, 32] as i {
    x = x |> Residual(width, stride = 1 if i == 0 else 2) |> Residual(width)
  }
  x = x |> adaptive_avg_pool2d(1) |> flatten
  output scores: logits[B, classes] = x |> head: linear(classes)
}
"""

LOOPS = """nnspec 1

model Stack(width: int, depth: int = 2) {
  input x: float[B, T, D]
  h = x |> linear(width)
  repeat depth {
    h = h + (h |> layer_norm |> linear(2 * width) |> gelu |> linear(width))
  }
  for size in [12, 6] {
    h = h |> linear(size) |> tanh
  }
  last = h[:, -1]
  output mean: float[B, 6] = h |> mean(dim=1)
  output end: float[B, 6] = last
}
"""

RECURRENT = """nnspec 1

model Tagger(tags: int) {
  input words: ids(50)[B, T]
  input seen: mask[B, T]
  x = words |> embedding(50, 8)
  r = (x, mask=seen) |> lstm(6, bidirectional=true)
  output scores: logits[B, T, tags] = r.output |> linear(tags)
  output state = r.cell |> transpose(0, 1) |> flatten
}
"""


NESTED = """nnspec 1

model Block(width: int, wide: bool) {
  input x: float[B, D]
  if wide {
    h = x |> linear(2 * width) |> relu |> linear(width)
  } else {
    h = x |> linear(width)
  }
  output y = h |> layer_norm
}

model Tower(rows: list[int] = [6, 10]) {
  input x: float[B, D]
  shared gate = linear(rows[0])
  h = x
  for width in rows as i {
    repeat 2 {
      h = h |> block: Block(width, wide=true) |> dropout(0.3)
    }
    if i == 1 {
      h = h |> extra: linear(width, bias=false)
    }
  }
  repeat 2 {
    h = h + (h |> prelu)
  }
  output y = (h |> linear(rows[0]) |> gate2: linear(rows[0])) * (x |> gate |> sigmoid)
}
"""

Programs = Callable[[str], steps.Program]


def test_conditions_and_models_inside_models(program_of: Programs) -> None:
    emitted, oracle = pair(program_of(RESIDUAL), "Net", {"H": 16, "W": 16}, classes=4)
    assert_agree(emitted, oracle, torch.randn(2, 3, 16, 16))


def test_loops_and_several_outputs(program_of: Programs) -> None:
    emitted, oracle = pair(program_of(LOOPS), "Stack", {"B": 2, "T": 5, "D": 7}, width=10)
    assert_agree(emitted, oracle, torch.randn(2, 5, 7))


def test_records_and_masks(program_of: Programs) -> None:
    emitted, oracle = pair(program_of(RECURRENT), "Tagger", {}, tags=3)
    mask = torch.tensor([[True] * 6, [True, True, False, False, False, False]])
    assert_agree(emitted, oracle, torch.randint(50, (2, 6)), mask)


def test_nested_loops_with_conditions_and_shared_weights(program_of: Programs) -> None:
    emitted, oracle = pair(program_of(NESTED), "Tower", {"D": 5, "B": 3})
    assert_agree(emitted, oracle, torch.randn(3, 5))


def test_a_type_that_was_inferred_wrongly_is_noticed(program_of: Programs) -> None:
    program = program_of(LOOPS)
    first, *others = program.models[0].body
    assert isinstance(first, steps.Let)
    (shown,) = first.types
    wrong = replace(shown, dims=(*shown.dims[:2], Const(11)))
    body = (replace(first, types=(wrong,)), *others)
    changed = steps.Program((replace(program.models[0], body=body),))
    with pytest.raises(WrongType, match="axis 2 of h is 10, inferred 11"):
        InterpretedModel(changed, "Stack", {"width": 10})(torch.randn(2, 5, 7))
