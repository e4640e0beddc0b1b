"""A finished run, measured again on one of its splits."""

from __future__ import annotations

import json
from pathlib import Path

from specc.components import Refusal
from specc.components.data import listed
from specc.training import weights
from specc.training.contract import TrainPlan
from specc.training.engine import Engine
from specc.training.errors import NO_SCORE, FileRefused
from specc.training.execution import Execution, pinned
from specc.training.folder import PLAN, WEIGHTS
from specc.training.identity import differences, identity
from specc.training.report import Report
from specc.training.result import Value


def judge(plan: TrainPlan, run: Path, split: str, report: Report) -> dict[str, Value]:
    """The scores of a run's weights on a split, computed as the run itself does.

    ``plan`` is that of the run. Data that changed since is told, not refused: to measure on other
    rows is what one may want.

    Raises:
        Refusal: if there is no such split.
        FileRefused: if the run is not finished, or its weights are damaged or another model's.
    """
    if split not in plan.splits:
        raise Refusal(
            NO_SCORE,
            f"there is no split `{split}`",
            help=f"there is {listed(list(plan.splits))}",
        )
    if not (run / WEIGHTS).is_file():
        raise FileRefused(run, "has no result yet", help="`specc train --resume` goes on with it")
    told = _plan(run)
    engine = Engine(plan, Execution.from_json(told["execution"]))
    for line in differences(told["identity"], identity(plan)):
        report.note(f"not as in the run: {line}")
    state = weights.load(run / WEIGHTS)
    wrong = weights.differences(engine.model.state_dict(), state)
    if wrong:
        raise FileRefused(run / WEIGHTS, "does not fit the model of the spec", details=wrong)
    engine.model.load_state_dict(state)
    with pinned(engine.execution):
        return engine.evaluate(split, 0)


def _plan(run: Path) -> dict[str, dict[str, object]]:
    try:
        told = json.loads((run / PLAN).read_text(encoding="utf-8"))
        return {key: told[key] for key in ("execution", "identity")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileRefused(run / PLAN, f"is no plan of a run: {error!r}") from error
