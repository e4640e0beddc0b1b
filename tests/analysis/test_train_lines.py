"""What the lines of a train section compute, against the same by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
import torch.nn.functional as F

from specc.compiler import Request
from specc.planning import plan_file
from tests.specs.cases import SPECS

SPEC = """nnspec 1

model Net {
  input image: float[B, 64]
  output code: float[B, 64] = image |> fc: linear(64)
}

data Digits {
  source = csv("digits.csv")
  image = source["p*"] |> scale(min=0, max=16)
}

train {
  data = Digits
  model = Net
  code = image |> model
  apart = (image |> chunk(2, dim=1) |> concat(dim=1)) - (code |> chunk(2, dim=1) |> concat(dim=1))
  optimizer = sgd(lr=1e-3)
  epochs = 1
  metric near = (code, image) |> mae
  step one {
    loss = (apart ** 2) |> mean
  }
  step two {
    code = code * 0
    lost = (image |> chunk(4, dim=1) |> concat(dim=1)) - (code |> chunk(4, dim=1) |> concat(dim=1))
    loss = lost |> abs |> mean
  }
}
"""


def test_every_expression_has_its_own_parts_and_every_step_its_own_names(tmp_path: Path) -> None:
    shutil.copy(SPECS / "data/digits.csv", tmp_path)
    (tmp_path / "net.nnspec").write_text(SPEC)
    plan = plan_file(Request(str(tmp_path / "net.nnspec"))).plan
    torch.manual_seed(0)
    model = plan.build()
    image = plan.splits["train"]["image"][:7]
    code = F.linear(image, model.fc.weight, model.fc.bias)
    one, two = plan.steps
    torch.testing.assert_close(one.run(model, image=image)[0], F.mse_loss(code, image))
    loss, _, metrics = two.run(model, image=image)
    torch.testing.assert_close(loss, image.abs().mean())
    measured, target = metrics["near"]  # of the section: the step's own `code` is another
    torch.testing.assert_close(measured, code)
    assert torch.equal(target, image)
