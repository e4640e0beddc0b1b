"""The specs whose data is shipped, trained as they stand."""

from __future__ import annotations

from pathlib import Path

import specc
from tests.specs.cases import SPECS


def test_digits(tmp_path: Path) -> None:
    result = specc.train(SPECS / "digits_mlp.nnspec", runs=tmp_path)
    assert result.metrics["test.accuracy"] >= 0.95
    assert result.seconds < 60


def test_names_in_messages(tmp_path: Path) -> None:
    # A few messages, once: that most words are no name is what is learned first.
    spec = SPECS / "bilstm_tagger.nnspec"
    result = specc.train(spec, "train.epochs=1", "train.limit=64", runs=tmp_path)
    assert result.metrics["train.loss"] < 2.6  # the logarithm of 13 tags
    assert result.metrics["test.accuracy"] > 0.8


def test_a_small_network_is_taught(tmp_path: Path) -> None:
    spec = SPECS / "digits_distill.nnspec"
    teacher = specc.train(spec, "Teacher.epochs=10", name="Teacher", runs=tmp_path)
    student = specc.train(spec, "Student.epochs=15", name="Student", runs=tmp_path)
    assert teacher.metrics["test.accuracy"] > 0.93
    assert student.metrics["test.accuracy"] > 0.9
    digits = specc.predict(student.run, SPECS / "data/digits.csv")
    assert {row["digit"] for row in digits} == set(range(10))


def test_diabetes(tmp_path: Path) -> None:
    # Least squares explains about half of the variance of this table (Efron et al., 2004).
    result = specc.train(SPECS / "linear_regression.nnspec", runs=tmp_path)
    assert result.metrics["train.r2"] > 0.5
    assert result.metrics["test.r2"] > 0.25
