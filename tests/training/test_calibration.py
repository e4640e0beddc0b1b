"""Choices by measurement are choices like any other: nothing else of the measuring stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from specc.data.prepare import Prepared
from specc.training.calibration import calibrated
from specc.training.execution import choose, processors
from specc.training.fit import fit
from tests.training import digits
from tests.training.test_resume import convolutions, small


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return digits.data()


def images(prepared: Prepared, **settings: object):
    return digits.replaced(small(prepared, settings=settings), build=convolutions)


def test_the_run_is_that_of_the_same_choices_by_hand(tmp_path: Path, prepared: Prepared) -> None:
    measured = fit(images(prepared, calibrate=True), tmp_path / "measured")
    chosen = json.loads((measured.run / "plan.json").read_text())["execution"]
    assert chosen["threads"] in {1, processors()}
    said = {name: chosen[name] for name in ("threads", "memory_format")}
    by_hand = fit(images(prepared, **said), tmp_path / "by_hand")
    assert json.loads((by_hand.run / "plan.json").read_text())["execution"] == chosen
    weights = [(each.run / "weights.safetensors").read_bytes() for each in (measured, by_hand)]
    assert weights[0] == weights[1]


def test_what_the_spec_says_is_not_measured(prepared: Prepared) -> None:
    plan = images(prepared, calibrate=True, threads=1, memory_format="contiguous")
    model = convolutions()
    state = torch.random.get_rng_state()
    weights = [parameter.clone() for parameter in model.parameters()]
    found = calibrated(plan, model, choose(plan, model))
    assert (found.threads, found.memory_format) == (1, "contiguous")
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(weights, model.parameters(), strict=True))
