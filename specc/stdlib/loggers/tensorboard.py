"""Events for TensorBoard, written without TensorBoard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from specc.components import Logger, LogWriter


class Tensorboard(Logger):
    """Writes the scores of every epoch for TensorBoard: ``log = tensorboard``.

    ``tensorboard --logdir runs`` shows them. It need not be installed where the run is.
    """

    def open(self, run: Path) -> LogWriter:
        from specc.stdlib.parts.events import EventFile

        return _Writer(EventFile(run / "events.out.tfevents.0.specc"))


class _Writer:
    def __init__(self, file: Any) -> None:
        self.file = file

    def scores(self, step: int, scores: Mapping[str, Any]) -> None:
        numbers = {
            name.replace(".", "/"): float(value)
            for name, value in scores.items()
            if isinstance(value, (int, float))
        }
        self.file.add(step, numbers)

    def close(self) -> None:
        self.file.close()
