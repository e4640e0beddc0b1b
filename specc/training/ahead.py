"""A thread that keeps the next thing ready."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

from specc.training.errors import NO_ROWS, RunFailed

T = TypeVar("T")

WAIT = 30.0
"""Seconds without anything new, after which the thread is taken for stuck."""

_LOOK = 0.1
"""Seconds after which a thread that nobody takes anything from looks whether it is to end."""


class Ahead(Generic[T]):
    """An iterator that a thread of its own runs ahead of: one thing is ready, one is being made.

    What the inner iterator raises is raised here, in its place.
    """

    def __init__(self, inner: Iterator[T], wait: float = WAIT) -> None:
        self._inner = inner
        self._wait = wait
        self._ready: queue.Queue[tuple[T | None, Exception | None]] = queue.Queue(maxsize=1)
        self._over = threading.Event()
        # A thread that is stuck in a read does not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="specc rows", daemon=True)

    def __iter__(self) -> Iterator[T]:
        """Start the thread; it ends with the iteration, also with one that is left early.

        Raises:
            RunFailed: if nothing comes for `wait` seconds.
        """
        self._thread.start()
        try:
            while True:
                try:
                    item, error = self._ready.get(timeout=self._wait)
                except queue.Empty:
                    raise RunFailed(
                        NO_ROWS,
                        f"no rows came for {self._wait:g} seconds",
                        help="look at the disk or the network that the data is on; "
                        "--resume goes on from the last checkpoint",
                    ) from None
                if error is not None:
                    if isinstance(error, StopIteration):
                        return
                    raise error
                assert item is not None
                yield item
        finally:
            self._over.set()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                made: tuple[T | None, Exception | None] = (next(self._inner), None)
            except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
                made = (None, error)
            while not self._over.is_set():
                try:
                    self._ready.put(made, timeout=_LOOK)
                    break
                except queue.Full:
                    continue
            if made[1] is not None:
                return
