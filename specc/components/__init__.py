"""Base classes of everything that a spec can name, ours and a stranger's alike."""

from specc.components.base import (
    Component,
    FunctionLayer,
    FunctionLoss,
    Layer,
    Loss,
    Metric,
    ModuleLayer,
    Optimizer,
    Outputs,
    Schedule,
    Source,
    TensorComponent,
    Transform,
    as_size,
)
from specc.components.errors import Refusal
from specc.components.site import Site

__all__ = [
    "Component",
    "FunctionLayer",
    "FunctionLoss",
    "Layer",
    "Loss",
    "Metric",
    "ModuleLayer",
    "Optimizer",
    "Outputs",
    "Refusal",
    "Schedule",
    "Site",
    "Source",
    "TensorComponent",
    "Transform",
    "as_size",
]
