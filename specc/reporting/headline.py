"""The top of the page: what the run came to, in a few numbers and one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specc.planning import Planned
from specc.reporting.curves import Curve
from specc.reporting.markup import Element, el
from specc.reporting.scales import shown
from specc.reporting.standing import Standing
from specc.showing.runs import duration


def headline(planned: Planned, standing: Standing, curves: list[Curve]) -> Element:
    """The name of the run, its state, and the scores of its weights."""
    path, listed = standing.path, standing.listed
    name = el("h1", path.parent.name, el("span", f" run {path.name}", class_="quiet"))
    state = el("span", listed.state, class_=f"state {listed.state}")
    return el(
        "header",
        el("div", name, state, class_="title"),
        el("p", _about(planned, standing), class_="quiet"),
        el("div", _tiles(standing.listed.metrics), class_="tiles"),
        el("p", _how(standing, curves)),
    )


def _about(planned: Planned, standing: Standing) -> str:
    told = standing.told
    instance = planned.train.model
    assert instance is not None
    rows = ", ".join(f"{count:,} {split}" for split, count in told["rows"].items())
    parts = [
        f"{instance.recipe.written} of {told['spec']}",
        f"{told['parameters']:,} parameters",
        f"{rows} rows",
        f"{told['execution']['device']}",
    ]
    if standing.result is not None:
        parts.append(duration(standing.result["seconds"]))
    return " · ".join(parts)


def _tiles(metrics: Mapping[str, float]) -> list[Element]:
    """The scores of the best split there is, with those of the others under each."""
    splits = [s for s in ("test", "val", "train") if any(n.startswith(f"{s}.") for n in metrics)]
    if not splits:
        return []
    first, *others = splits
    found = []
    for full, value in metrics.items():
        split, _, name = full.partition(".")
        if split != first:
            continue
        beside = [(o, metrics[f"{o}.{name}"]) for o in others if f"{o}.{name}" in metrics]
        found.append(
            el(
                "div",
                el("span", f"{first} {name}", class_="quiet"),
                el("b", shown(value)),
                el("span", " · ".join(f"{o} {shown(v)}" for o, v in beside), class_="quiet"),
                class_="tile",
            )
        )
    # A loss says the least to a person: it comes last.
    return sorted(found, key=lambda tile: "loss" in "".join(tile.itertext()).split(" ")[1][:4])


def _how(standing: Standing, curves: list[Curve]) -> str:
    listed, told = standing.listed, standing.told
    planned_epochs = told["settings"]["epochs"]
    epochs = f"{listed.epochs} of {planned_epochs} epochs"
    if standing.result is not None and listed.epochs < planned_epochs:
        epochs += " (stopped early)"
    keep = told.get("keep")
    if not listed.epochs:
        return f"{epochs} are done. The figures are of the weights that were last saved."
    chosen = "the last" if keep is None else f"chosen by the best {keep[0]}"
    what = "The weights" if standing.result is not None else "The weights so far"
    return f"{epochs}. {what} are of epoch {standing.epoch}, {chosen}. {_overfit(curves)}".strip()


def _overfit(curves: list[Curve]) -> str:
    """Whether the validation got worse again while the training still got better."""
    loss = next((curve for curve in curves if curve.name == "loss"), None)
    if loss is None or not {"train", "val"} <= loss.lines.keys():
        return ""
    val, train = loss.lines["val"], loss.lines["train"]
    epoch, least = min(val, key=lambda point: point[1])
    last = val[-1][1]
    if len(val) < 5 or last <= least * 1.05 or train[-1][1] >= train[0][1]:
        return ""
    more = f"{last / least - 1:.0%}"
    return f"The val loss was least in epoch {epoch:.0f}, and {more} above that at the end."


def facts(told: Mapping[str, Any]) -> list[str]:
    """Rows that were left out, where there are any."""
    return [
        f"{n:,} bad rows of {split} were skipped" for split, n in told.get("skipped", {}).items()
    ]
