"""Names: what is bound, found, shadowed and refused; imports inside the root."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.specs import check, codes, one, outputs


def test_a_local_name_may_be_bound_again_and_an_input_may_not(tmp_path: Path) -> None:
    spec = """
        model Net {{
          input x: float[B, 4]
          h = x |> linear(8)
          {} = h |> linear(2)
          output y = h
        }}"""
    assert outputs(tmp_path, spec.format("h")) == {"y": "float[B, 2]"}
    assert codes(tmp_path, spec.format("x")) == ["E0211"]


def test_a_parameter_shadows_a_constant_of_the_file(tmp_path: Path) -> None:
    spec = """
        width = 8
        model Net(width: int = 3) {
          input x: float[B, 4]
          output y = x |> linear(width)
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 3]"}


def test_constants_see_those_above_them(tmp_path: Path) -> None:
    spec = """
        width = 8
        double = 2 * width
        model Net {
          input x: float[B, 4]
          output y = x |> linear(double + 1)
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 17]"}


def test_models_may_stand_in_any_order(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 4]
          output y = x |> Block(7)
        }
        model Block(n: int) {
          input x: float[B, D]
          output y = x |> linear(n)
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 7]"}


def test_blocks_open_no_scope(tmp_path: Path) -> None:
    spec = """
        model Net(deep: bool = true) {
          input x: float[B, 4]
          if deep {
            h = x |> linear(6)
          } else {
            h = x |> linear(5)
          }
          repeat 2 {
            last = h |> linear(3)
          }
          output y = last
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 3]"}


def test_after_a_pipe_only_what_can_be_applied_counts(tmp_path: Path) -> None:
    """A tensor named as a layer does not hide the layer."""
    spec = """
        model Net {
          input x: float[B, 4]
          relu = x |> linear(3)
          output y = relu |> relu
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 3]"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("lnear(3)", "linear"),
        ("Linear(3)", "linear"),
        ("Blok", "Block"),
        ("batchnorm", "batch_norm"),
    ],
)
def test_suggestions_come_from_what_is_in_scope(tmp_path: Path, written: str, meant: str) -> None:
    spec = f"""
        model Block {{
          input x: float[B, D]
          output y = x |> linear(D)
        }}
        model Net {{
          input x: float[B, 4]
          output y = x |> {written}
        }}"""
    found = one(tmp_path, spec)
    assert found.code.id == "E0202"
    assert found.help == f"did you mean `{meant}`?"


def test_a_name_that_is_unknown_is_reported_once_and_has_no_followers(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 4]
          h = z |> linear(8)
          g = (h + 1) |> linear(3)
          k, l = g |> chunk(2)
          output y = [k, l, h] |> concat(dim=1)
        }"""
    assert one(tmp_path, spec).code.id == "E0201"


USE = "model Net {\n input x: float[B]\n output y = x |> other.A\n}"

# --- imports -----------------------------------------------------------------------------------

HEAD = """
    classes = 12
    model Head(n: int) {
      input x: float[B, D]
      output scores: logits[B, n] = x |> linear(n)
    }"""


def test_models_and_constants_of_an_imported_file(tmp_path: Path) -> None:
    spec = """
        import "heads.nnspec" as heads
        model Net {
          input x: float[B, 4]
          output y = x |> heads.Head(heads.classes)
        }"""
    assert outputs(tmp_path, spec, heads=HEAD) == {"y": "logits[B, 12]"}


def test_an_imported_model_sees_the_names_of_its_own_file(tmp_path: Path) -> None:
    blocks = """
        width = 6
        model Inner {
          input x: float[B, D]
          output y = x |> linear(width)
        }
        model Block {
          input x: float[B, D]
          output y = x |> Inner
        }"""
    spec = """
        import "blocks.nnspec" as blocks
        width = 99
        model Net {
          input x: float[B, 4]
          output y = x |> blocks.Block
        }"""
    assert outputs(tmp_path, spec, blocks=blocks) == {"y": "float[B, 6]"}


def test_a_file_that_two_others_import_is_read_once(tmp_path: Path) -> None:
    spec = """
        import "a.nnspec" as a
        import "b.nnspec" as b
        model Net {
          input x: float[B, 4]
          output y = (x |> a.Block) + (x |> b.Block)
        }"""
    middle = """
        import "heads.nnspec" as heads
        model Block {
          input x: float[B, D]
          output y = x |> heads.Head(3)
        }"""
    compiled, found = check(tmp_path, spec, a=middle, b=middle, heads=HEAD)
    assert found == []
    assert compiled is not None
    assert sorted(d.name for d in compiled.checked.definitions) == ["Block", "Block", "Head", "Net"]


def test_mistakes_in_an_imported_file_are_placed_there(tmp_path: Path) -> None:
    spec = """
        import "blocks.nnspec" as blocks
        model Net {
          input x: float[B, 4]
          output y = x |> blocks.Block
        }"""
    blocks = """
        model Block {
          input x: float[B, D]
          output y = x |> lineer(3)
        }"""
    found = one(tmp_path, spec, blocks=blocks)
    assert found.span is not None
    assert (found.span.source.name, found.span.line) == (str(tmp_path / "blocks.nnspec"), 5)


def test_imports_in_a_circle(tmp_path: Path) -> None:
    one_way = """
        import "spec.nnspec" as other
        model A {
          input x: float[B]
          output y = x |> relu
        }"""
    spec = """
        import "a.nnspec" as a
        model Net {
          input x: float[B]
          output y = x |> a.A
        }"""
    found = one(tmp_path, spec, a=one_way)
    assert found.code.id == "E0205"
    assert "spec.nnspec -> a.nnspec -> spec.nnspec" in found.label


@pytest.mark.parametrize(
    "path",
    [
        "../up.nnspec",
        "/etc/passwd",
        "../../etc/passwd",
        "https://a.b/c.nnspec",
        "~/x",
        "a\\\\b",
        "",
        ".",
    ],
)
def test_what_may_not_be_imported(tmp_path: Path, path: str) -> None:
    (tmp_path / "up.nnspec").write_text("nnspec 1\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    assert codes(inner, f'import "{path}" as other\n{USE}') == ["E0204"]


def test_links_are_resolved_before_they_are_judged(tmp_path: Path) -> None:
    outside = tmp_path / "outside.nnspec"
    outside.write_text("nnspec 1\n\nmodel A {\n  input x: float[B]\n  output y = x |> relu\n}\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "link.nnspec").symlink_to(outside)
    (inner / "loop.nnspec").symlink_to(inner / "loop.nnspec")
    for name in ("link", "loop"):
        assert codes(inner, f'import "{name}.nnspec" as other\n{USE}') == ["E0204"]


def test_an_axis_may_be_called_as_a_model_is(tmp_path: Path) -> None:
    spec = """
        model B(n: int) {
          input x: float[B, 8]
          output y = x |> linear(n) |> reshape(B, n)
        }
        model C {
          input x: float[B, C, 8]
          output y = x |> reshape(B * C, 8) |> B(3)
        }"""
    assert outputs(tmp_path, spec, "C") == {"y": "float[B*C, 3]"}
