"""A polite end: SIGTERM and SIGINT are noted, and the loop looks at the note after each step."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any


class Signals:
    """While entered, the first of the two signals is only noted; a second one ends at once."""

    CAUGHT = (signal.SIGTERM, signal.SIGINT)

    def __init__(self) -> None:
        self.wanted: int | None = None
        self.before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        # Only the main thread may say what happens at a signal; in another one none arrives.
        if threading.current_thread() is threading.main_thread():
            self.before = {n: signal.signal(n, self._note) for n in self.CAUGHT}
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.wanted is not None:
            raise KeyboardInterrupt
        self.wanted = number
