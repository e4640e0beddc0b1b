"""A hand-written plan: an MLP on the digits, as the compiler would hand it over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from specc.components import Keep, Score
from specc.data import DataPlan, FieldPlan, Prepared, prepare
from specc.stdlib.accumulators import Classified
from specc.stdlib.optimizers.adam import Adam
from specc.stdlib.sources.csv import Csv
from specc.stdlib.splits.fractions import Fractions
from specc.stdlib.transforms.categories import Categories
from specc.stdlib.transforms.scale import Scale
from specc.training.contract import MetricPlan, StepPlan, TrainPlan
from specc.training.settings import Settings
from specc.types.dim import Dim
from specc.types.tensor import Element, TensorType

ROOT = Path(__file__).resolve().parents[2] / "specs"


def data() -> Prepared:
    source = Csv(path="data/digits.csv")
    pixels = source.describe(ROOT).select(["p*"])
    image = TensorType(Element("float"), (Dim.of(64),))
    label = TensorType(Element("ids", Dim.named("label.classes")), ())
    plan = DataPlan(
        "Digits",
        source,
        Fractions(val=0.1, test=0.2, seed=1),
        (
            FieldPlan("image", pixels, True, (Scale(min=0.0, max=16.0),), image),
            FieldPlan("label", ("label",), False, (Categories(),), label),
        ),
    )
    return prepare(plan, ROOT)


def model() -> nn.Module:
    return nn.Sequential(
        nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)
    )


def step(model: nn.Module, image: torch.Tensor, label: torch.Tensor):
    scores = model(image)
    loss = F.cross_entropy(scores, label)
    return loss, {}, {"accuracy": (scores, label)}


def accuracy():
    return Classified("MulticlassAccuracy", "logits", 1, num_classes=10, average="micro")


def plan(prepared: Prepared | None = None, **changes) -> TrainPlan:
    prepared = prepared or data()
    settings = {"epochs": 20, "batch": 32, "keep": Keep(metric=Score("val", "accuracy"))}
    settings |= changes.pop("settings", {})
    step_changes = changes.pop("step", {})
    given = {
        "name": "digits",
        "build": model,
        "steps": (
            StepPlan(
                **{
                    "run": step,
                    "optimizer": Adam(lr=3e-3),
                    "metrics": {"accuracy": MetricPlan(accuracy, "max")},
                    **step_changes,
                }
            ),
        ),
        "splits": prepared.tensors(),
        "settings": Settings(**settings),
        "files": {"model.py": "# the emitted source\n"},
        "fitted": prepared.fitted,
    }
    return TrainPlan(**{**given, **changes})


def replaced(plan: TrainPlan, **changes) -> TrainPlan:
    """The plan with other parts; the run stays the same."""
    return replace(plan, **changes)


def with_step(plan: TrainPlan, **changes) -> TrainPlan:
    """The plan with its only step changed."""
    (step,) = plan.steps
    return replace(plan, steps=(replace(step, **changes),))
