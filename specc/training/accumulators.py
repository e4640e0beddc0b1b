"""The state of a metric in the middle of a split, whoever wrote the metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specc.training.packing import packable


def state_of(accumulator: object) -> dict[str, Any]:
    """Everything that an accumulator has gathered.

    A metric of torchmetrics says what it gathers; of any other class it is what its attributes
    hold, as far as a checkpoint can.
    """
    if _is_torchmetric(accumulator):
        metric: Any = accumulator
        return {"values": dict(metric.metric_state), "updates": metric._update_count}
    values: dict[str, Any] = {}
    for name, value in vars(accumulator).items():
        if _is_torchmetric(value):
            values[name] = state_of(value)
        elif packable(value):
            values[name] = value
    return values


def load_state(accumulator: object, state: Mapping[str, Any]) -> None:
    """Give an accumulator of the same class what `state_of` took from another."""
    if _is_torchmetric(accumulator):
        metric: Any = accumulator
        for name, value in state["values"].items():
            setattr(metric, name, _moved(value, metric.device))
        metric._update_count = state["updates"]
        metric._computed = None
        return
    for name, value in state.items():
        held = getattr(accumulator, name)
        if _is_torchmetric(held):
            load_state(held, value)
        else:
            setattr(accumulator, name, _moved(value, getattr(held, "device", None)))


def merge_state(accumulator: object, state: Mapping[str, Any]) -> None:
    """Add what `state_of` took from another accumulator of the same class.

    Raises:
        ValueError: if what it gathers cannot be added up.
    """
    if _is_torchmetric(accumulator):
        metric: Any = accumulator
        if not state["updates"]:
            return
        try:
            metric.merge_state({n: _moved(v, metric.device) for n, v in state["values"].items()})
        except RuntimeError as error:
            raise ValueError(str(error)) from error
        metric._update_count += state["updates"]
        metric._computed = None
        return
    for name, value in state.items():
        held = getattr(accumulator, name)
        if _is_torchmetric(held):
            merge_state(held, value)


def reduces(accumulator: object) -> bool:
    """Whether torchmetrics brings together what ranks have gathered."""
    return _is_torchmetric(accumulator) or any(map(_is_torchmetric, vars(accumulator).values()))


def _is_torchmetric(value: object) -> bool:
    return hasattr(value, "metric_state") and hasattr(value, "_update_count")


def _moved(value: Any, device: Any) -> Any:
    if isinstance(value, list):
        return [_moved(item, device) for item in value]
    return value.to(device) if hasattr(value, "to") and device is not None else value
