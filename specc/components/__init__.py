"""Base classes of everything that a spec can name, ours and a stranger's alike."""

from specc.components.augmentation import Augmentation, Draws
from specc.components.backend import Backend, Interface, Port, Runner, Traced
from specc.components.base import (
    Component,
    FunctionLayer,
    FunctionLoss,
    Layer,
    Loss,
    ModuleLayer,
    Outputs,
    TensorComponent,
    as_size,
)
from specc.components.data import RowRefusal, Schema, Source, Split, Transform
from specc.components.errors import Refusal
from specc.components.example import Example
from specc.components.figures import Confusion, Figure, Residuals
from specc.components.learning import (
    Direction,
    Keep,
    Logger,
    LogWriter,
    Metric,
    Optimizer,
    Schedule,
    Score,
    Stop,
)
from specc.components.ragged import Ragged
from specc.components.site import Site
from specc.components.strategy import Strategy
from specc.components.table import Held, Streamed, Table

__all__ = [
    "Augmentation",
    "Backend",
    "Component",
    "Confusion",
    "Direction",
    "Draws",
    "Example",
    "Figure",
    "FunctionLayer",
    "FunctionLoss",
    "Held",
    "Interface",
    "Keep",
    "Layer",
    "LogWriter",
    "Logger",
    "Loss",
    "Metric",
    "ModuleLayer",
    "Optimizer",
    "Outputs",
    "Port",
    "Ragged",
    "Refusal",
    "Residuals",
    "RowRefusal",
    "Runner",
    "Schedule",
    "Schema",
    "Score",
    "Site",
    "Source",
    "Split",
    "Stop",
    "Strategy",
    "Streamed",
    "Table",
    "TensorComponent",
    "Traced",
    "Transform",
    "as_size",
]
