"""Calls a stranger's code so that nothing it does at that moment ends or garbles specc."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from types import FrameType
from typing import TypeVar

Result = TypeVar("Result")

SECONDS = 5.0
"""How long a plugin may take for one call."""


class StrangerError(Exception):
    """A plugin's code failed; ``reason`` says how, in one line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _TimeUpError(BaseException):
    """Not an Exception, so that a plugin's ``except Exception`` does not swallow it."""


def guarded(call: Callable[[], Result], seconds: float = SECONDS) -> Result:
    """The result of ``call``.

    What it prints goes to stderr. Whatever it raises, ``SystemExit`` included, becomes a
    `StrangerError`; only the user's own Ctrl-C passes. It is stopped after ``seconds`` where
    Python can: in the main thread, and unless it is deep in compiled code.

    Raises:
        StrangerError: if ``call`` fails or takes too long.
    """
    with _user_interrupts() as interrupted:
        try:
            with _stdout_kept_clean(), _time_limit(seconds):
                return call()
        except _TimeUpError:
            raise StrangerError(f"did not finish within {seconds:g} seconds") from None
        except BaseException as error:
            if interrupted:
                raise KeyboardInterrupt from None
            raise StrangerError(_in_one_line(error)) from error


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    if not _can_use_signals() or not hasattr(signal, "setitimer"):
        yield
        return

    def time_up(number: int, frame: FrameType | None) -> None:
        raise _TimeUpError

    previous = signal.signal(signal.SIGALRM, time_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextmanager
def _user_interrupts() -> Iterator[list[int]]:
    """A list that is not empty once the user pressed Ctrl-C, as opposed to a plugin raising it."""
    pressed: list[int] = []
    # Another handler, or none as in a background job, has its own idea of what Ctrl-C does.
    if not _can_use_signals() or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield pressed
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGINT, interrupt)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, previous)


def _can_use_signals() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def _stdout_kept_clean() -> Iterator[None]:
    """Send stdout to stderr, for Python's ``print`` and for compiled code alike."""
    with redirect_stdout(sys.stderr):
        try:
            saved = os.dup(1)
        except OSError:  # there is no stdout to keep clean
            yield
            return
        try:
            os.dup2(2, 1)
            yield
        finally:
            os.dup2(saved, 1)
            os.close(saved)


def _in_one_line(error: BaseException) -> str:
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
