"""A small project with one finished run: dropout and batch norm, two sizes, two outputs."""

from __future__ import annotations

import csv
from pathlib import Path

import torch

import specc

SPEC = """nnspec 1

model Net(classes: int) {
  input size: float[B, 2]
  input place: float[B, 2]
  h = (size, place) |> concat(dim=1) |> hidden: linear(8) |> norm: batch_norm |> relu
  h = h |> dropout: dropout(0.5)
  output scores: logits[B, classes] = h |> head: linear(classes)
  output area: float[B] = h |> width: linear(1) |> squeeze(1)
}

data Flowers {
  source = csv("flowers.csv")
  split = fractions(val=0.3, seed=1)
  size = source[["long", "wide"]] |> standardize
  place = source[["north", "east"]]
  kind = source.kind |> categories
  product = source.product
}

train {
  data = Flowers
  model = Net(kind.classes)
  h = (size, place) |> model
  loss = ((h.scores, kind) |> cross_entropy) + ((h.area, product) |> mse_loss)
  optimizer = adam(lr=0.05)
  epochs = 5
}

export {
  to = [pt2]
  dynamic B = 1..12
}
"""


def make(folder: Path, spec: str = SPEC, *, train: bool = True) -> Path:
    """The project, and its run unless it is not to be trained; gives the run."""
    generator = torch.Generator().manual_seed(0)
    with (folder / "flowers.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["long", "wide", "north", "east", "kind", "product"])
        for row in torch.rand(60, 4, generator=generator).tolist():
            kind = "rose" if row[0] > 0.6 else "lily" if row[1] > 0.5 else "iris"
            writer.writerow([*row, kind, row[0] * row[1]])
    (folder / "flowers.nnspec").write_text(spec)
    if train:
        specc.train(folder / "flowers.nnspec", runs=folder / "runs")
    return folder / "runs/flowers/1"
