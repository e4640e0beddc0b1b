"""Compiled modules against the ones a person would write: construction, forward, training step.

    python benchmarks/build.py [--quick] [--json]

Both sides in one process, in turn, ratios of medians: 1.00 is no difference. The hand-written
modules are those that the tests of specs/ hold the compiled ones against, bit for bit.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import arguments, medians, report, table

from tests.specs.cases import BY_SPEC, Case

MODELS = {
    "MLP": ("mnist_mlp", 128),
    "CNN": ("fashion_cnn", 32),
    "ResNet-18": ("resnet18", 8),
    "LSTM": ("lstm_classifier", 32),
    "transformer": ("transformer_classifier", 32),
}


def compiled_class(case: Case) -> Callable[[], nn.Module]:
    """The constructor of the compiled class: compiling is not part of building."""
    module = sys.modules[type(case.compiled()).__module__]
    return lambda: case.build(module)


def forward(module: nn.Module, inputs: tuple[Tensor, ...]) -> Callable[[], object]:
    def run() -> None:
        with torch.inference_mode():
            module(*inputs)

    module.eval()
    return run


def training_step(module: nn.Module, inputs: tuple[Tensor, ...]) -> Callable[[], object]:
    optimizer = torch.optim.SGD(module.parameters(), lr=1e-3)

    def run() -> None:
        optimizer.zero_grad(set_to_none=True)
        result = module(*inputs)
        loss = sum(each.square().mean() for each in _listed(result))
        loss.backward()  # type: ignore[union-attr]
        optimizer.step()

    module.train()
    return run


def _listed(result: Any) -> tuple[Tensor, ...]:
    return (result,) if isinstance(result, Tensor) else tuple(result)


def measured(name: str, quick: bool) -> dict[str, Any]:
    spec, batch = MODELS[name]
    case = BY_SPEC[spec]
    rounds = 5 if quick else 41
    torch.manual_seed(0)
    inputs = case.inputs(max(batch // 4, 2) if quick else batch)
    sides = {"hand": case.hand, "compiled": compiled_class(case)}
    found: dict[str, Any] = {"model": name, "construction": medians(sides, rounds)}
    for what, make in (("forward", forward), ("step", training_step)):
        modules = {side: build() for side, build in sides.items()}
        modules["compiled"].load_state_dict(modules["hand"].state_dict())
        runs = {side: make(module, inputs) for side, module in modules.items()}
        found[what] = medians(runs, rounds)
    return found


def main() -> None:
    options = arguments(__doc__ or "")
    torch.set_num_threads(1)  # what others do on the machine falls on one core alone
    rows = [measured(name, options.quick) for name in MODELS]
    phases = ("construction", "forward", "step")
    shown = table(
        "Compiled against hand-written, ratios of medians (milliseconds of the compiled one)",
        ("model", *phases, *(f"{phase} ms" for phase in phases)),
        [
            (
                row["model"],
                *(row[phase]["compiled"] / row[phase]["hand"] for phase in phases),
                *(1e3 * row[phase]["compiled"] for phase in phases),
            )
            for row in rows
        ],
    )
    report({"models": rows}, [shown], options.json)


if __name__ == "__main__":
    main()
