"""Rows on their way to tensors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from specc.components import Refusal, Source, Split, Transform
from specc.data import DataPlan, FieldPlan, Prepared, prepare
from specc.stdlib.sources.csv import Csv
from specc.stdlib.sources.npy import Npy
from specc.stdlib.sources.splits import Splits
from specc.stdlib.splits.by_hash import ByHash
from specc.stdlib.splits.folds import Folds
from specc.stdlib.splits.fractions import Fractions
from specc.stdlib.splits.in_order import InOrder
from specc.stdlib.transforms.categories import Categories
from specc.stdlib.transforms.log import Log
from specc.stdlib.transforms.one_hot import OneHot
from specc.stdlib.transforms.permute import Permute
from specc.stdlib.transforms.reshape import Reshape
from specc.stdlib.transforms.scale import Scale
from specc.stdlib.transforms.standardize import Standardize
from specc.stdlib.transforms.to_float import ToFloat
from specc.stdlib.transforms.unsqueeze import Unsqueeze
from tests.stdlib.applying import type_of

TABLE = """\
kind,color,size,weight,n
b,red,1.5,10,0
a,blue,2.5,20,1
b,green,3.5,30,2
c,red,4.5,40,1
"""


def field(name: str, columns: str | list[str], *transforms: Transform, type: str) -> FieldPlan:
    stacked = isinstance(columns, list)
    names = tuple(columns) if isinstance(columns, list) else (columns,)
    return FieldPlan(name, names, stacked, transforms, type_of(type))


def prepared(
    root: Path, *fields: FieldPlan, split: Split | None = None, source: Source | None = None
) -> Prepared:
    return prepare(DataPlan("Table", source or Csv(path="x.csv"), split, fields), root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "x.csv").write_text(TABLE)
    return tmp_path


def refused(code: str, root: Path, *fields: FieldPlan, **given) -> Refusal:
    with pytest.raises(Refusal) as raised:
        prepared(root, *fields, **given)
    assert raised.value.code.id == code, raised.value.message
    return raised.value


# --- fields ------------------------------------------------------------------------------------


def test_fields_become_tensors(root: Path) -> None:
    done = prepared(
        root,
        field("kind", "kind", Categories(), type="ids(classes)[]"),
        field("both", ["kind", "color"], Categories(), type="ids([k, c])[2]"),
        field("x", ["size", "weight"], Standardize(), Reshape(shape=[2, 1]), type="float[2, 1]"),
        field("hot", "kind", Categories(), OneHot(), type="float[3]"),
        field("n", "n", type="ids(3)[]"),
        field("y", "weight", Log(), type="float[]"),
    )
    assert done.rows == {"train": 4}
    assert done.attributes == {
        "kind": {"classes": 3},
        "both": {"classes": (3, 3)},
        "hot": {"classes": 3},
    }
    tensors = done.tensors()["train"]
    assert tensors["kind"].tolist() == [1, 0, 1, 2]
    assert tensors["both"].tolist() == [[1, 2], [0, 0], [1, 1], [2, 2]]
    assert tensors["hot"].tolist() == torch.eye(3)[[1, 0, 1, 2]].tolist()
    assert tensors["x"].shape == (4, 2, 1)
    torch.testing.assert_close(tensors["x"].mean(0), torch.zeros(2, 1))
    torch.testing.assert_close(tensors["x"].std(0, correction=0), torch.ones(2, 1))
    torch.testing.assert_close(tensors["y"], torch.tensor([10.0, 20, 30, 40]).log())
    assert {t.dtype for t in tensors.values()} == {torch.int64, torch.float32}
    assert all(t.is_contiguous() for t in tensors.values())
    assert json.loads(json.dumps(done.fitted)) == done.fitted


def test_transforms_learn_from_the_training_rows_alone(root: Path) -> None:
    done = prepared(
        root,
        field("x", "weight", Scale(), type="float[]"),
        split=InOrder(test=0.5),
    )
    assert done.fitted["x"] == [{"min": [10.0], "max": [20.0]}]
    assert done.splits["test"]["x"].tolist() == [2.0, 3.0]
    assert done.where("test", 1) == "x.csv:5"


def test_a_category_that_training_does_not_have(root: Path) -> None:
    kinds = field("kind", "kind", Categories(), type="ids(classes)[]")
    refusal = refused("E0607", root, kinds, split=InOrder(test=0.25))
    assert refusal.message == "x.csv:5: `kind`: the value c is in no training row"
    open_ended = field("kind", "kind", Categories(unknown=True), type="ids(classes)[]")
    done = prepared(root, open_ended, split=InOrder(test=0.25))
    assert done.attributes == {"kind": {"classes": 3}}
    assert done.splits["test"]["kind"].tolist() == [2]


def test_missing_values_are_named_before_a_transform_spreads_them(root: Path) -> None:
    (root / "x.csv").write_text("a,b\n1,2.5\n2,\n3,1.5\n4,nan\n")
    stack = field("x", ["a", "b"], Standardize(), type="float[2]")
    refusal = refused("E0606", root, stack)
    assert refusal.message == "x.csv:3: `b` is missing or not a number (and 1 more rows)"
    (root / "x.csv").write_text("a\n1.5\n1e300\n")
    assert (
        "x.csv:3: `a` is infinite"
        in refused("E0606", root, field("a", "a", type="float[]")).message
    )


def test_a_logarithm_of_nothing(root: Path) -> None:
    refusal = refused("E0611", root, field("n", "n", Log(), type="float[]"))
    assert refusal.message == "x.csv:2: `n`: 0 has no logarithm"


def test_a_label_outside_its_classes(root: Path) -> None:
    refusal = refused("E0607", root, field("n", "n", type="ids(2)[]"))
    assert refusal.message == "x.csv:4: `n` is 2, not one of ids(2)"
    refusal = refused("E0607", root, field("n", ["n", "weight"], type="ids([3, 40])[2]"))
    assert refusal.message == "x.csv:5: `n` is 40, not one of ids([3, 40])"


def test_several_values_in_one_column_have_their_classes_in_common(root: Path) -> None:
    np.save(root / "pair.npy", np.array([["b", "a"], ["c", "b"], ["a", "c"], ["d", "a"]]))
    pair = field("pair", "value", Categories(), type="ids(classes)[2]")
    source = Npy(path="pair.npy")
    done = prepared(root, pair, source=source)
    assert done.attributes == {"pair": {"classes": 4}}
    assert done.splits["train"]["pair"].tolist() == [[1, 0], [2, 1], [0, 2], [3, 0]]
    back = Categories().invert(done.splits["train"]["pair"], done.fitted["pair"][0])
    assert back.tolist()[1] == ["c", "b"]
    refusal = refused("E0607", root, pair, source=source, split=InOrder(test=0.25))
    assert refusal.message == "pair.npy[3]: `pair`: the value d is in no training row"


def test_labels_that_are_bytes_become_ids(root: Path) -> None:
    np.save(root / "label.npy", np.array([0, 2, 1], "u1"))
    label = field("label", "value", type="ids(3)[]")
    done = prepared(root, label, source=Npy(path="label.npy"))
    assert done.tensors()["train"]["label"].dtype == torch.int64


def test_text_beside_numbers_and_text_as_a_tensor(root: Path) -> None:
    refused("E0621", root, field("x", ["kind", "size"], type="float[2]"))
    with pytest.raises(Refusal) as raised:
        prepared(root, field("kind", "kind", type="str[]")).tensors()
    assert raised.value.code.id == "E0623"


# --- rows that are left out --------------------------------------------------------------------


def test_bad_rows_are_skipped_and_counted(root: Path) -> None:
    rows = ["n,x,k", *["1,0.5,a"] * 600, "1.5,1,b", "2", "3,,a", "4,2.5,a", "0,1.5,a", "5,3,b"]
    (root / "x.csv").write_text("\n".join(rows) + "\n")
    fields = (
        field("n", "n", Log(), type="float[]"),
        field("x", "x", Standardize(), type="float[]"),
        field("k", "k", Categories(), type="ids(classes)[]"),
    )
    source = Csv(path="x.csv", bad_rows="skip")
    done = prepared(root, *fields, source=source)
    # Two that cannot be read, one without a number, one whose logarithm there is not.
    assert done.skipped == {"train": 4}
    assert done.rows == {"train": 602}
    np.testing.assert_allclose(done.splits["train"]["n"][-2:], np.log([4, 5]))
    assert done.where("train", 600) == "x.csv:605"
    assert done.where("train", 601) == "x.csv:607"
    assert done.attributes == {"k": {"classes": 2}}
    np.testing.assert_allclose(done.splits["train"]["x"].mean(), 0, atol=1e-6)


def test_all_rows_of_a_split_are_bad(root: Path) -> None:
    kinds = field("kind", "kind", Categories(), type="ids(classes)[]")
    source = Csv(path="x.csv", bad_rows="skip")
    refusal = refused("E0620", root, kinds, source=source, split=InOrder(test=0.25))
    assert refusal.message == "the split `test` of `Table` has no rows, as all 1 were skipped"


def test_the_parts_of_splits_skip_as_the_whole_does(root: Path) -> None:
    (root / "y.csv").write_text(TABLE + "z,red,,1,1\n")
    source = Splits(train=Csv(path="x.csv"), test=Csv(path="y.csv"), bad_rows="skip")
    done = prepared(root, field("size", "size", type="float[]"), source=source)
    assert done.skipped == {"test": 1}


# --- transforms --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transform", "column"),
    [
        (Standardize(), np.random.default_rng(0).normal(5, 3, (20, 3))),
        (Standardize(), np.random.default_rng(0).normal(5, 3, (20, 3, 4, 4)).astype("f4")),
        (Scale(low=-1.0), np.random.default_rng(0).normal(5, 3, (20, 4, 4))),
        (Log(), np.random.default_rng(0).random(20) + 1),
        (Reshape(shape=(2, 3)), np.arange(60.0).reshape(10, 6)),
        (Permute(dims=(2, 0, -2)), np.arange(48.0).reshape(2, 2, 3, 4)),
        (Unsqueeze(dim=0), np.arange(12.0).reshape(2, 2, 3)),
        (Unsqueeze(dim=-1), np.arange(12.0).reshape(2, 2, 3)),
        (Categories(), np.array(list("abcacb"), object)),
        (Categories(), np.array([["a", "x"], ["b", "y"], ["a", "z"]], object)),
        (OneHot(), np.array([0, 2, 1, 2])),
    ],
)
def test_what_was_transformed_comes_back(transform: Transform, column: np.ndarray) -> None:
    state = transform.learn([column], 3)
    assert json.loads(json.dumps(state)) == state
    back = transform.invert(transform.apply(column, state), state)
    assert back.shape == column.shape
    if column.dtype == object:
        assert back.tolist() == column.tolist()
    else:
        np.testing.assert_allclose(back, column, rtol=1e-5)


def test_statistics_have_the_axis_of_their_rank() -> None:
    images = np.random.default_rng(0).normal(size=(7, 3, 5, 5))
    fitted = Standardize().learn([images], None)
    np.testing.assert_allclose(fitted["mean"], images.mean(axis=(0, 2, 3)))
    assert len(Standardize().learn([images[:, 0]], None)["mean"]) == 1
    assert len(Standardize().learn([images[:, 0, 0]], None)["mean"]) == 5
    given = Standardize(mean=[1.0, 2.0, 3.0], std=2.0)
    np.testing.assert_allclose(
        given.apply(images, given.learn([images], None)),
        (images - np.array([1, 2, 3]).reshape(3, 1, 1)) / 2,
    )


def test_constant_columns_stay_finite() -> None:
    column = np.array([[3.0, 1.0], [3.0, 2.0]])
    for transform in (Standardize(), Scale()):
        out = transform.apply(column, transform.learn([column], None))
        assert out[:, 0].tolist() == [0.0, 0.0]


def test_axes_of_a_row_move_as_in_torch() -> None:
    images = np.arange(2 * 4 * 5 * 3).reshape(2, 4, 5, 3)
    moved = Permute(dims=(2, 0, 1)).apply(images, {})
    assert moved.tolist() == torch.from_numpy(images).permute(0, 3, 1, 2).tolist()
    assert Unsqueeze(dim=-1).apply(images, {}).shape == (2, 4, 5, 3, 1)
    assert Unsqueeze(dim=0).apply(images, {}).shape == (2, 1, 4, 5, 3)


def test_to_float_takes_pixels_for_a_share_of_255() -> None:
    to_float = ToFloat()
    assert to_float.apply(np.array([0, 255], "u1"), {}).tolist() == [0.0, 1.0]
    assert to_float.apply(np.array([0, 255], "u1"), {}).dtype == np.float32
    assert to_float.apply(np.array([0, 255]), {}).tolist() == [0.0, 255.0]
    assert to_float.apply(np.array([False, True]), {}).tolist() == [0.0, 1.0]


# --- splits ------------------------------------------------------------------------------------


def parts(split: Split, rows: int, **columns) -> dict[str, list[int]]:
    named = {name: np.asarray(column) for name, column in columns.items()}
    found = {name: index.tolist() for name, index in split.assign(rows, named).items()}
    together = [row for index in found.values() for row in index]
    assert sorted(together) == list(range(rows)), "every row in one split"
    assert all(index == sorted(index) for index in found.values())
    return found


def test_fractions() -> None:
    found = parts(Fractions(val=0.1, test=0.25, seed=3), 101)
    assert {name: len(index) for name, index in found.items()} == {
        "train": 66, "val": 10, "test": 25,
    }  # fmt: skip
    assert found == parts(Fractions(val=0.1, test=0.25, seed=3), 101)
    assert found != parts(Fractions(val=0.1, test=0.25, seed=4), 101)
    # Written down: the same rows on every machine, and with every numpy.
    assert parts(Fractions(test=0.3), 10)["test"] == [5, 7, 8]


def test_stratified() -> None:
    label = np.array([0] * 80 + [1] * 20)[np.random.default_rng(0).permutation(100)]
    found = parts(Fractions(val=0.1, test=0.2, stratify="label"), 100, label=label)
    for name, (many, few) in {"train": (56, 14), "val": (8, 2), "test": (16, 4)}.items():
        assert np.bincount(label[found[name]]).tolist() == [many, few]


def test_in_order() -> None:
    found = parts(InOrder(val=0.2, test=0.1), 10)
    assert found == {"train": list(range(7)), "val": [7, 8], "test": [9]}


def test_by_hash_keeps_equal_values_together() -> None:
    patient = np.repeat(np.arange(500), 3)
    split = ByHash(column="patient", val=0.1, test=0.2)
    found = parts(split, 1500, patient=patient)
    for name, index in found.items():
        others = np.setdiff1d(np.arange(1500), index)
        assert not set(patient[index]) & set(patient[others])
        assert len(index) == pytest.approx({"train": 1050, "val": 150, "test": 300}[name], rel=0.2)
    # More rows change nothing for those that were there.
    more = parts(split, 1503, patient=np.append(patient, [900] * 3))
    assert set(found["test"]) <= set(more["test"])


def test_folds_validate_every_row_once() -> None:
    folds = [parts(Folds(count=4, fold=i, test=0.2), 50) for i in range(4)]
    assert len({tuple(fold["test"]) for fold in folds}) == 1
    validated = sorted(row for fold in folds for row in fold["val"])
    assert validated == sorted(folds[0]["train"] + folds[0]["val"])
    with pytest.raises(Refusal) as raised:
        Folds(count=4, fold=4).assign(50, {})
    assert raised.value.field == "fold"


def test_nothing_left_to_train_on(root: Path) -> None:
    n = field("n", "n", type="int[]")
    assert refused("E0303", root, n, split=Fractions(val=0.5, test=0.5)).field == "val"


def test_an_empty_split(root: Path) -> None:
    n = field("n", "n", type="int[]")
    refusal = refused("E0620", root, n, split=Fractions(val=0.1))
    assert refusal.message == "the split `val` of `Table` has no rows"
    (root / "x.csv").write_text("n\n")
    assert refused("E0620", root, field("n", "n", type="str[]")).field == "source"


def test_splits_from_files_and_from_rows(root: Path) -> None:
    (root / "y.csv").write_text(TABLE)
    n = field("n", "n", type="int[]")
    source = Splits(train=Csv(path="x.csv"), test=Csv(path="y.csv"))
    done = prepared(root, n, source=source, split=InOrder(val=0.25))
    assert done.rows == {"train": 3, "val": 1, "test": 4}
    assert list(done.splits) == ["train", "val", "test"]
    assert done.where("test", 0) == "y.csv:2"
    refused("E0622", root, n, source=source, split=InOrder(test=0.25))
