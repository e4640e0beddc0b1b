"""Metrics against scikit-learn, through the accumulators that their lowering names."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import pytest
import sklearn.metrics as sk
import torch
import torch.nn.functional as F

from specc.components import Metric, Refusal
from specc.components.site import as_term
from specc.stdlib.metrics.accuracy import Accuracy
from specc.stdlib.metrics.auroc import Auroc
from specc.stdlib.metrics.confusion_matrix import ConfusionMatrix
from specc.stdlib.metrics.f1 import F1
from specc.stdlib.metrics.mae import Mae
from specc.stdlib.metrics.mse import Mse
from specc.stdlib.metrics.perplexity import Perplexity
from specc.stdlib.metrics.precision import Precision
from specc.stdlib.metrics.r2 import R2
from specc.stdlib.metrics.recall import Recall
from specc.stdlib.metrics.rmse import Rmse
from specc.testing.interpreter import value_of
from specc.types.poly import Facts
from tests.stdlib.applying import inferred, site_of


def built(metric: Metric, scores: str, target: str) -> Any:
    """The accumulator, as the compiler builds it from types."""
    settings = {name: as_term(value) for name, value in dict(metric).items()}
    site = site_of(metric, Facts(), settings, scores, target)
    assert str(inferred(site).element) == "float"
    construct = metric.lower(site)
    module, _, name = construct.target.rpartition(".")
    arguments = {given.name: value_of(given.value, {}) for given in construct.arguments}
    accumulator = getattr(importlib.import_module(module), name)(**arguments)
    return accumulator.to(torch.device("cpu"))


def measured(
    metric: Metric, scores: tuple[str, torch.Tensor], target: tuple[str, torch.Tensor]
) -> Any:
    """Taken in batches of 7, after a reset that must forget what came before."""
    accumulator = built(metric, scores[0], target[0])
    accumulator.update(scores[1][:5], target[1][:5])
    accumulator.reset()
    for some, right in zip(scores[1].split(7), target[1].split(7), strict=True):
        accumulator.update(some, right)
    value = accumulator.compute()
    return value.item() if value.ndim == 0 else value.tolist()


def several(rows: int = 60, classes: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    scores = torch.randn(rows, classes)
    # One class is never a target, and is never predicted.
    scores[:, -1] = -9.0
    return scores, torch.randint(classes - 1, (rows,))


KINDS = {
    "logits": lambda x, dim: x,
    "float": lambda x, dim: x,
    "probs": lambda x, dim: x.softmax(dim),
    "log_probs": lambda x, dim: x.log_softmax(dim),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_classes(kind: str, average: str) -> None:
    logits, target = several()
    chosen = logits.argmax(1)
    given = (f"{kind}[B, 4]", KINDS[kind](logits, 1))
    right = ("ids(4)[B]", target)
    for metric, reference in (
        (F1, sk.f1_score), (Precision, sk.precision_score), (Recall, sk.recall_score),
    ):  # fmt: skip
        wanted = reference(target, chosen, average=average, zero_division=0)
        assert measured(metric(average=average), given, right) == pytest.approx(wanted)
        by_ids = measured(metric(average=average), ("ids(4)[B]", chosen), right)
        assert by_ids == pytest.approx(wanted)
    assert measured(Accuracy(), given, right) == pytest.approx(sk.accuracy_score(target, chosen))
    matrix = measured(ConfusionMatrix(), given, right)
    assert matrix == sk.confusion_matrix(target, chosen, labels=range(4)).tolist()
    top = sk.top_k_accuracy_score(target, logits, k=2, labels=range(4))
    assert measured(Accuracy(top_k=2), given, right) == pytest.approx(top)


@pytest.mark.parametrize("kind", KINDS)
def test_a_curve_over_classes(kind: str) -> None:
    logits, target = several(classes=4)
    logits, keep = logits[:, :3] * 0.2 + 0.5, target  # logits that look like probabilities
    given = (f"{kind}[B, 3]", KINDS[kind](logits, 1))
    wanted = sk.roc_auc_score(keep, logits.softmax(1), multi_class="ovr", average="macro")
    assert measured(Auroc(), given, ("ids(3)[B]", keep)) == pytest.approx(wanted)


@pytest.mark.parametrize("kind", ["logits", "probs", "log_probs"])
@pytest.mark.parametrize("right", ["mask", "ids(2)", "float", "bool"])
def test_one_score_for_two_classes(kind: str, right: str) -> None:
    torch.manual_seed(1)
    logits = torch.rand(40) - 0.3  # a batch of these may look like probabilities
    target = torch.rand(40) < 0.5
    forms = {
        "logits": logits,
        "probs": logits.sigmoid(),
        "log_probs": F.logsigmoid(logits),
    }
    dtypes = {"mask": torch.bool, "bool": torch.bool, "ids(2)": torch.int64, "float": torch.float32}
    scores = (f"{kind}[B]", forms[kind])
    wanted = (f"{right}[B]", target.to(dtypes[right]))
    chosen = logits > 0
    assert measured(Accuracy(), scores, wanted) == pytest.approx(sk.accuracy_score(target, chosen))
    assert measured(F1(), scores, wanted) == pytest.approx(sk.f1_score(target, chosen))
    area = sk.roc_auc_score(target, logits)
    assert measured(Auroc(), scores, wanted) == pytest.approx(area, abs=1e-6)
    matrix = measured(ConfusionMatrix(), scores, wanted)
    assert matrix == sk.confusion_matrix(target, chosen).tolist()


@pytest.mark.parametrize("dim", [1, -1])
def test_sequences_have_their_classes_along_dim(dim: int) -> None:
    torch.manual_seed(2)
    logits = torch.randn(21, 6, 5)
    target = torch.randint(5, (21, 6))
    target[:, 4:] = -100
    shape = "logits[B, 6, 5]" if dim == -1 else "logits[B, 5, 6]"
    given = (shape, logits if dim == -1 else logits.movedim(-1, 1))
    counts = target != -100
    wanted = sk.accuracy_score(target[counts], logits.argmax(-1)[counts])
    right = ("ids(5)[B, 6]", target)
    assert measured(Accuracy(dim=dim, ignore_index=-100), given, right) == pytest.approx(wanted)
    lost = F.cross_entropy(logits[counts], target[counts]).exp().item()
    hesitation = measured(Perplexity(dim=dim, ignore_index=-100), given, right)
    assert hesitation == pytest.approx(lost)


def test_perplexity_of_what_is_very_unlikely_is_finite() -> None:
    given = ("logits[B, 2]", torch.tensor([[200.0, 0.0]] * 7))
    assert math.isfinite(measured(Perplexity(), given, ("ids(2)[B]", torch.ones(7).long())))


def test_numbers() -> None:
    torch.manual_seed(3)
    predicted, target = torch.randn(30, 3), torch.randn(30, 3)
    given, right = ("float[B, 3]", predicted), ("float[B, 3]", target)
    flat = (np.asarray(target).ravel(), np.asarray(predicted).ravel())
    for metric, reference in (
        (Mae, sk.mean_absolute_error),
        (Mse, sk.mean_squared_error),
        (Rmse, sk.root_mean_squared_error),
        (R2, sk.r2_score),
    ):
        assert measured(metric(), given, right) == pytest.approx(reference(*flat), rel=1e-5)


@pytest.mark.parametrize(
    ("metric", "scores", "target"),
    [
        (Accuracy(), "logits[B, 10]", "ids(7)[B]"),
        (Accuracy(), "logits[B, 10]", "float[B]"),
        (Accuracy(), "logits[B, 10]", "int[B]"),
        (Accuracy(), "logits[B, 10]", "ids(10)[B, 2]"),
        (Accuracy(), "logits[B]", "ids(3)[B]"),
        (Accuracy(), "logits[B, 1]", "mask[B]"),
        (Accuracy(), "int[B]", "ids(3)[B]"),
        (Accuracy(), "ids(3)[B]", "ids(4)[B]"),
        (Accuracy(dim=2), "logits[B, 10]", "ids(10)[B]"),
        (Accuracy(top_k=11), "logits[B, 10]", "ids(10)[B]"),
        (Accuracy(top_k=2), "logits[B]", "mask[B]"),
        (Auroc(), "ids(3)[B]", "ids(3)[B]"),
        (Perplexity(), "probs[B, 10]", "ids(10)[B]"),
        (Perplexity(), "logits[B]", "mask[B]"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(metric: Metric, scores: str, target: str) -> None:
    with pytest.raises(Refusal):
        built(metric, scores, target)


def test_positional_arguments_are_what_a_reader_expects() -> None:
    assert next(iter(F1.model_fields)) == "average"
    assert next(iter(Accuracy.model_fields)) == "top_k"
    assert list(F1.model_fields)[-2:] == ["ignore_index", "dim"]
