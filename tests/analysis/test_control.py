"""Loops, conditions and assertions: decided by the compiler, bounded, kept as structure."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.specs import codes, good, one, outputs, source, variant

# --- loops -------------------------------------------------------------------------------------


def test_a_loop_reads_as_its_unrolled_lines(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 3, 32, 32]
          h = x
          for width in [8, 16, 32] as i {
            h = h |> conv2d(width, kernel_size=3, stride=1 if i == 0 else 2, padding=1) |> relu
          }
          output y = h
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 32, 8, 8]"}


def test_a_size_that_the_loop_carries_becomes_a_variable_of_the_constructor(tmp_path: Path) -> None:
    spec = """
        model Net(widths: list[int] = [8, 16, 32]) {
          input x: float[B, 3]
          h = x
          for width in widths {
            h = h |> linear(width) |> relu
          }
          output y = h
        }"""
    text = source(tmp_path, spec)
    assert "for width in widths:" in text
    assert "in_features = width" in text
    assert "nn.Linear(in_features, width)" in text


def test_a_loop_whose_iterations_differ_is_written_out(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 4]
          h = x
          for layer in [linear(8), relu, linear(3)] {
            h = h |> layer
          }
          output y = h
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 3]"}


def test_rows_are_unpacked(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 3, 32, 32]
          h = x
          for width, stride in [[8, 1], [16, 2]] {
            h = h |> conv2d(width, kernel_size=3, stride=stride, padding=1)
          }
          for width, stride in zip([4, 5], [1, 2]) {
            h = h |> conv2d(width, kernel_size=1, stride=stride)
          }
          output y = h
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 5, 8, 8]"}


@pytest.mark.parametrize("count", ["0", "1", "3", "n", "len([1, 2])"])
def test_repeat(tmp_path: Path, count: str) -> None:
    spec = f"""
        model Net(n: int = 4) {{
          input x: float[B, 6]
          h = x
          repeat {count} {{
            h = h |> linear(6)
          }}
          output y = h
        }}"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 6]"}


def test_repeating_a_thousand_times_is_analysed_as_once(tmp_path: Path) -> None:
    spec = """
        model Net {{
          input x: float[B, 6]
          h = x
          repeat {} {{
            h = h |> linear(6) |> relu
          }}
          output y = h
        }}"""
    small = good(tmp_path, spec.format(3)).checked.context.budget.steps
    large = good(tmp_path, spec.format(1000)).checked.context.budget.steps
    assert large == small


def test_a_body_that_needs_two_rounds_to_settle(tmp_path: Path) -> None:
    """The first iteration changes the width, all others keep it."""
    spec = """
        model Net {
          input x: float[B, 3]
          h = x
          repeat 4 {
            h = h |> linear(8) |> relu
          }
          output y = h
        }"""
    compiled = good(tmp_path, spec)
    assert str(variant(compiled, "Net").outputs["y"]) == "float[B, 8]"


def test_nested_loops(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 3]
          h = x
          for width in [4, 8] {
            repeat 2 {
              h = h |> linear(width)
            }
          }
          output y = h
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 8]"}


def test_a_list_that_grows_in_a_loop(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 4]
          parts = [x]
          repeat 3 {
            parts = parts + [parts[-1] |> linear(4)]
          }
          output y = parts |> concat(dim=1)
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 16]"}


def test_the_same_mistake_in_every_iteration_is_one_mistake(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 4]
          h = x
          for width in [1, 2, 3] {
            h = h |> lineer(width)
          }
          output y = h
        }"""
    assert one(tmp_path, spec).code.id == "E0202"


def test_a_mistake_in_one_iteration_is_found(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 4, 4, 4]
          h = x
          for groups in [1, 2, 3] {
            h = h |> conv2d(4, kernel_size=1, groups=groups)
          }
          output y = h
        }"""
    assert one(tmp_path, spec).code.id == "E0403"


# --- if ----------------------------------------------------------------------------------------

EITHER = """
    model Block(deep: bool{default}) {{
      input x: float[B, C, H, W]
      h = x
      if deep {{
        h = x |> conv2d(C, kernel_size=3, padding=1)
      }} else {{
        h = x |> max_pool2d(2)
      }}
      output y = h
    }}
    model Net {{
      input x: float[B, 4, 8, 8]
      output yes = x |> Block({yes})
      output no = x |> Block({no})
    }}"""


def test_both_sides_of_a_condition(tmp_path: Path) -> None:
    spec = EITHER.format(default="", yes="true", no="false")
    assert outputs(tmp_path, spec) == {"yes": "float[B, 4, 8, 8]", "no": "float[B, 4, 4, 4]"}


def test_a_side_that_is_not_taken_is_not_judged(tmp_path: Path) -> None:
    """As in Python: the condition protects what would be wrong without it."""
    spec = """
        model Net(pooled: bool = false) {
          input x: float[B, 4]
          h = x
          if pooled {
            h = x |> max_pool2d(2)
          }
          output y = h
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 4]"}


def test_conditions_on_sizes_are_decided_where_the_model_is_applied(tmp_path: Path) -> None:
    spec = """
        model Block(width: int, stride: int = 1) {
          input x: float[B, C, H, W]
          skip = x
          if stride != 1 or C != width {
            skip = x |> conv2d(width, kernel_size=1, stride=stride)
          }
          output y = (x |> conv2d(width, kernel_size=3, stride=stride, padding=1)) + skip
        }
        model Net {
          input x: float[B, 8, 16, 16]
          output y = x |> Block(8) |> Block(16, stride=2)
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 16, 8, 8]"}


def test_else_if(tmp_path: Path) -> None:
    spec = """
        model Net(kind: str = "b") {
          input x: float[B, 4]
          if kind == "a" {
            y = x |> linear(1)
          } else if kind == "b" {
            y = x |> linear(2)
          } else {
            y = x |> linear(3)
          }
          output z = y
        }"""
    assert outputs(tmp_path, spec) == {"z": "float[B, 2]"}


def test_the_ternary_takes_tensors_and_values(tmp_path: Path) -> None:
    spec = """
        model Net(gated: bool = false, n: int = 3) {
          input x: float[B, 4]
          h = (x |> linear(4) |> sigmoid) if gated else x
          output y = h |> linear(n if n > 2 else 2)
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 3]"}


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ("T > 0", True),
        ("T >= 1 and true", True),
        ("T == T", True),
        ("T + 1 != T", True),
        ("T < 1", False),
        ("2 * T == 2 * T + 1", False),
        ("T % 1 == 0", True),
        ("not (T == 0)", True),
        ("T == 4", None),
        ("T % 2 == 0", None),
        ("T > 1 and T > 2", None),
        ("T > 1 or true", True),
        ("T > 1 and false", False),
    ],
)
def test_what_can_be_decided_about_a_free_size(
    tmp_path: Path, condition: str, outcome: bool | None
) -> None:
    spec = f"""
        model Net {{
          input x: float[B, T]
          output y = x[:, 0] if {condition} else x
        }}"""
    if outcome is None:  # both ways are checked
        checked = good(tmp_path, spec).checked
        (definition,) = checked.definitions
        found = [str(v.outputs["y"]) for v in checked.variants_of(definition)]
        assert {*found} == {"float[B]", "float[B, T]"}
    else:
        assert outputs(tmp_path, spec) == {"y": "float[B]" if outcome else "float[B, T]"}


# --- assert ------------------------------------------------------------------------------------


def test_an_assertion_is_used_by_the_compiler(tmp_path: Path) -> None:
    spec = """
        model Net {{
          input x: float[B, 3, H, W]
          {}
          h = x |> max_pool2d(4) |> conv_transpose2d(3, kernel_size=4, stride=4)
          output y = h + x
        }}"""
    assert codes(tmp_path, spec.format("")) == ["E0405"]
    claim = 'assert H % 4 == 0 and W % 4 == 0, "the image divides by 4"'
    assert outputs(tmp_path, spec.format(claim)) == {"y": "float[B, 3, H, W]"}


@pytest.mark.parametrize(
    "claim", ["D == E", "E == D", "D == E and D > 1", "2 * D == 2 * E", "D - E == 0"]
)
def test_equal_sizes(tmp_path: Path, claim: str) -> None:
    spec = f"""
        model Net {{
          input x: float[B, D]
          input y: float[B, E]
          assert {claim}
          output z = x + y
        }}"""
    good(tmp_path, spec)


def test_heads_divide_the_width(tmp_path: Path) -> None:
    spec = """
        model Net(heads: int) {{
          input x: float[B, T, D]
          {}
          output y = (x |> multi_head_attention(heads)).output
        }}"""
    assert codes(tmp_path, spec.format("")) == ["E0403"]
    assert codes(tmp_path, spec.format("assert D % heads == 0")) == []


def test_a_least_size_discharges_a_condition(tmp_path: Path) -> None:
    spec = """
        model Net {{
          input x: float[B, 3, H, W]
          {}
          output y = x |> conv2d(8, kernel_size=5)
        }}"""
    free = variant(good(tmp_path, spec.format("")), "Net")
    assert len(free.preconditions) == 2
    told = variant(good(tmp_path, spec.format("assert H >= 5 and W > 4")), "Net")
    assert told.preconditions == []


def test_an_assertion_fails_where_the_model_is_used(tmp_path: Path) -> None:
    spec = """
        model Block {
          input x: float[B, D]
          assert D % 4 == 0, "the width divides by 4"
          output y = x |> linear(D // 4)
        }
        model Net {
          input x: float[B, 8]
          output a = x |> Block
          output b = x |> linear(6) |> Block
        }"""
    found = one(tmp_path, spec)
    assert (found.code.id, found.message) == ("E0311", "the width divides by 4")
    assert [label.text for label in found.labels] == ["`Block` is applied here"]
    assert found.help == "here D = 6"


def test_a_condition_of_an_inner_model_is_one_of_the_outer(tmp_path: Path) -> None:
    spec = """
        model Block {
          input x: float[B, C, H, W]
          output y = x |> conv2d(C, kernel_size=3)
        }
        model Net {
          input x: float[B, 3, H, W]
          output y = x |> Block |> Block
        }"""
    found = variant(good(tmp_path, spec), "Net").preconditions
    assert {(str(p.size), p.least) for p, _ in found} >= {("H - 4", 1), ("W - 4", 1)} or {
        (str(p.size), p.least) for p, _ in found
    } >= {("H - 2", 1), ("W - 2", 1)}
