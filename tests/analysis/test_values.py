"""Shared instances, records, lists, and dims that annotations name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.specs import codes, good, one, outputs, source, variant

# --- recipes and instances ---------------------------------------------------------------------


def test_each_application_of_a_recipe_makes_weights_and_a_shared_instance_does_not(
    tmp_path: Path,
) -> None:
    spec = """
        model Net {{
          input a: float[B, 4]
          input b: float[B, 4]
          {} encode = linear(8)
          output y = (a |> encode) + (b |> encode)
        }}"""
    assert source(tmp_path, spec.format("")).count("nn.Linear(") == 2
    assert source(tmp_path, spec.format("shared")).count("nn.Linear(") == 1


def test_a_recipe_with_weights_applied_twice_warns(tmp_path: Path) -> None:
    spec = """
        model Block {{
          input x: float[B, D]
          output y = x |> linear(8)
        }}
        model Net {{
          input a: float[B, 4]
          input b: float[B, 4]
          f = {}
          output y = (a |> f) + (b |> f)
        }}"""
    assert codes(tmp_path, spec.format("linear(8)")) == ["W0202"]
    assert codes(tmp_path, spec.format("Block")) == ["W0202"]
    assert codes(tmp_path, spec.format("relu")) == []


def test_a_recipe_that_is_completed_is_meant_to_make_several(tmp_path: Path) -> None:
    spec = """
        model Net(norm: layer = batch_norm) {
          input a: float[B, 4]
          f = linear
          h = a |> f(8) |> norm |> f(4) |> norm
          block = linear(4)
          repeat 3 {
            h = h |> block
          }
          output y = h
        }"""
    assert codes(tmp_path, spec) == []


def test_the_weight_of_a_shared_instance_is_a_tensor(tmp_path: Path) -> None:
    spec = """
        model Net(vocab: int = 50) {
          input words: ids(vocab)[B, T]
          shared wte = embedding(vocab, 16)
          h = words |> wte
          output scores = h @ (wte.weight |> transpose(0, 1))
        }"""
    assert outputs(tmp_path, spec) == {"scores": "float[B, T, 50]"}


def test_a_weight_before_its_first_use_has_no_size(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 16]
          shared f = linear(16)
          output y = (x @ f.weight) + (x |> f)
        }"""
    assert one(tmp_path, spec).code.id == "E0207"


def test_a_shared_model(tmp_path: Path) -> None:
    spec = """
        model Encoder(width: int) {
          input x: float[B, D]
          output y = x |> linear(width) |> relu
        }
        model Net {
          input left: float[B, 4]
          input right: float[B, 4]
          shared encode = Encoder(8)
          output y = (left |> encode) - (right |> encode)
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 8]"}
    assert source(tmp_path, spec).count("Encoder(") == 2  # the class, and one instance


# --- records -----------------------------------------------------------------------------------


def test_fields_of_a_record_and_the_record_for_its_first(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, T, 4]
          r = x |> gru(8)
          output steps = r |> linear(2)
          output named = r.output
        }"""
    assert outputs(tmp_path, spec) == {"steps": "float[B, T, 2]", "named": "float[B, T, 8]"}


def test_a_model_with_several_outputs_is_a_record(tmp_path: Path) -> None:
    spec = """
        model Two {
          input x: float[B, D]
          output mean = x |> linear(2)
          output spread = x |> linear(3)
        }
        model Net {
          input x: float[B, 4]
          r = x |> Two
          output y = (r.mean, r.spread) |> concat(dim=1)
          output first = r |> relu
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 5]", "first": "float[B, 2]"}


def test_a_record_never_spreads(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, T, 4]
          a, b = x |> gru(8)
          output y = a
        }"""
    found = one(tmp_path, spec)
    assert found.code.id == "E0312"
    assert found.help is not None
    assert "`r.output`" in found.help


# --- lists -------------------------------------------------------------------------------------


def test_lists_of_tensors(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 12]
          q, k, v = x |> chunk(3, dim=1)
          parts = [q, k] + [v]
          output picked = parts[-1]
          output all = parts |> concat(dim=1)
          output two = (q, k) |> stack(dim=1)
        }"""
    assert outputs(tmp_path, spec) == {
        "picked": "float[B, 4]",
        "all": "float[B, 12]",
        "two": "float[B, 2, 4]",
    }


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("len([1, 2, 3])", "3"),
        ("min(4, 2)", "2"),
        ("max([4, 2])", "4"),
        ("sum([4, 2])", "6"),
        ("abs(-3)", "3"),
        ("range(5)[-1]", "4"),
        ("reversed([7, 8])[0]", "8"),
        ("zip([1, 2], [3, 4])[1][1]", "4"),
        ("([2] * 3)[2]", "2"),
        ("([1, 2] + [3])[2]", "3"),
        ("7 // 2", "3"),
        ("2 ** 5 - 1", "31"),
        ("-7 % 4", "1"),
        ("[8, 9][1 if [1] == [1] else 0]", "9"),
    ],
)
def test_plain_values(tmp_path: Path, written: str, size: str) -> None:
    spec = f"""
        model Net {{
          input x: float[B, 4]
          output y = x |> linear({written})
        }}"""
    assert outputs(tmp_path, spec) == {"y": f"float[B, {size}]"}


# --- dims --------------------------------------------------------------------------------------


def test_an_annotation_names_dims_that_are_values_after_it(tmp_path: Path) -> None:
    spec = """
        model Net {
          input image: float[B, 3, 32, 32]
          h: float[B, C, P, P] = image |> conv2d(8, kernel_size=4, stride=4)
          rows = h |> reshape(B, C, P * P) |> transpose(1, 2)
          output y: float[B, N, D] = rows |> linear(C // 4)
          output flat = y |> reshape(B, N * D)
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, 64, 2]", "flat": "float[B, 128]"}


def test_one_name_for_two_axes_claims_that_they_are_equal(tmp_path: Path) -> None:
    spec = """
        model Net {{
          input image: float[B, 3, 32, {}]
          h: float[B, C, P, P] = image |> conv2d(8, kernel_size=4, stride=4)
          output y = h
        }}"""
    assert codes(tmp_path, spec.format(32)) == []
    assert codes(tmp_path, spec.format(16)) == ["E0407"]
    assert codes(tmp_path, spec.format("W")) == ["E0405"]


def test_dims_stay_named_in_messages(tmp_path: Path) -> None:
    spec = """
        model Net(hidden: int) {
          input words: float[B, T, D]
          h = (words |> lstm(hidden, bidirectional=true)).output
          output y = h + words
        }"""
    found = one(tmp_path, spec)
    assert found.code.id == "E0405"
    assert "float[B, T, 2*hidden]" in [label.text for label in found.labels]


def test_rest_stands_for_any_dims(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, T, 5, 8]
          h: float[..., 8] = x |> relu
          output y: float[B, ..., 3] = h |> linear(3)
        }"""
    assert outputs(tmp_path, spec) == {"y": "float[B, T, 5, 3]"}


def test_a_declared_refinement_is_checked_and_then_carried(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 4]
          scores: logits[B, 3] = x |> linear(3)
          output moved = scores |> unsqueeze(1)
          output doubled = scores * 2
          output shares = scores |> softmax(dim=1)
        }"""
    assert outputs(tmp_path, spec) == {
        "moved": "logits[B, 1, 3]",
        "doubled": "float[B, 3]",
        "shares": "probs[B, 3]",
    }


def test_masks_come_from_comparisons(tmp_path: Path) -> None:
    spec = """
        model Net {
          input words: ids(9)[B, T]
          seen = words != 0
          output kept = seen and not (words == 3)
        }"""
    assert outputs(tmp_path, spec) == {"kept": "mask[B, T]"}


def test_indexing(tmp_path: Path) -> None:
    spec = """
        model Net {
          input x: float[B, 7, 8]
          output last = x[:, -1]
          output some = x[:, 1:, ::2]
          output rest = x[..., 0]
        }"""
    assert outputs(tmp_path, spec) == {
        "last": "float[B, 8]",
        "some": "float[B, 6, 4]",
        "rest": "float[B, 7]",
    }


def test_a_model_with_free_parameters_is_checked_alone(tmp_path: Path) -> None:
    spec = """
        model Block(width: int) {
          input x: float[B, D]
          output y = x |> linear(2 * width) |> linear(width)
        }"""
    found = variant(good(tmp_path, spec), "Block")
    assert str(found.outputs["y"]) == "float[B, width]"
