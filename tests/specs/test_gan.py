"""The GAN of the specs beside the script that a person would write: every loss of every step."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import specc
from specc.training.feed import epoch_order
from specc.training.weights import load
from tests.specs.by_hand.images import Critic, Generator
from tests.specs.cases import SPECS

EPOCHS, ROWS, BATCH = 3, 150, 64


def images() -> Tensor:
    """The first rows, read without specc."""
    with (SPECS / "data/digits.csv").open(newline="") as file:
        rows = [[int(row[f"p{k}"]) for k in range(64)] for row in csv.DictReader(file)]
    return (torch.tensor(rows[:ROWS], dtype=torch.float32) / 16).reshape(-1, 1, 8, 8)


def script() -> tuple[list[dict[str, float]], Generator, Critic]:
    """The losses of every epoch, means over the rows, and both networks."""
    torch.manual_seed(0)
    generator, critic = Generator(), Critic()
    judge = torch.optim.Adam(critic.parameters(), lr=5e-4, betas=(0.5, 0.999))
    forge = torch.optim.Adam(generator.parameters(), lr=5e-4, betas=(0.5, 0.999))
    data, found = images(), []
    for epoch in range(1, EPOCHS + 1):
        sums = {"judge.loss": 0.0, "judge.on_real": 0.0, "judge.on_fake": 0.0, "forge.loss": 0.0}
        for rows in epoch_order(ROWS, 0, epoch).split(BATCH):
            real, ones, zeros = data[rows], torch.ones(len(rows)), torch.zeros(len(rows))
            judge.zero_grad()
            fake = generator(torch.randn(len(rows), 32)).detach()
            on_real = F.binary_cross_entropy_with_logits(critic(real), ones)
            on_fake = F.binary_cross_entropy_with_logits(critic(fake), zeros)
            (on_real + on_fake).backward()
            judge.step()
            forge.zero_grad()
            fake = generator(torch.randn(len(rows), 32))
            fooled = F.binary_cross_entropy_with_logits(critic(fake), ones)
            fooled.backward()
            forge.step()
            values = (on_real + on_fake, on_real, on_fake, fooled)
            for name, value in zip(sums, values, strict=True):
                sums[name] += value.item() * len(rows)
        found.append({f"train.{name}": value / ROWS for name, value in sums.items()})
    return found, generator, critic


def test_it_is_trained_as_by_the_script(tmp_path: Path) -> None:
    changes = (f"train.epochs={EPOCHS}", f"train.limit={ROWS}")
    result = specc.train(SPECS / "digits_gan.nnspec", *changes, runs=tmp_path)
    losses, generator, critic = script()
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in (result.run / "metrics.jsonl").read_text().splitlines()
    ]
    for line, wanted in zip(lines, losses, strict=True):
        assert {name: line[name] for name in wanted} == pytest.approx(wanted, rel=1e-5)
    weights = load(result.run / "weights.safetensors")
    both = {
        f"{name}.{key}": value
        for name, module in (("model", generator), ("critic", critic))
        for key, value in module.state_dict().items()
    }
    assert set(weights) == set(both)
    # A bias before batch norm has no gradient but rounding, of which adam makes whole steps.
    for key in both.keys() - {"model.linear.bias", "model.conv_transpose2d.bias"}:
        torch.testing.assert_close(weights[key], both[key], rtol=1e-3, atol=1e-3)

    drawn = specc.predict(result.run, SPECS / "data/digits.csv")
    assert len(drawn) == 1797
    pixels = torch.tensor([row["drawn"] for row in drawn[:10]])
    assert pixels.shape == (10, 1, 8, 8)
    assert ((pixels >= 0) & (pixels <= 1)).all()
    assert set(specc.evaluate(result.run, "train")) == set(losses[0])
