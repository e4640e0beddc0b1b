"""Calling a stranger's code."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest

from specc.registry.guard import StrangerError, guarded


def test_the_result_passes() -> None:
    assert guarded(lambda: 3) == 3


def test_handlers_and_streams_are_put_back() -> None:
    def handlers() -> list[object]:
        return [signal.getsignal(number) for number in (signal.SIGALRM, signal.SIGINT)]

    before, stdout = handlers(), sys.stdout
    with pytest.raises(StrangerError):
        guarded(lambda: sys.exit(1))
    assert handlers() == before
    assert sys.stdout is stdout
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_the_users_own_ctrl_c_passes() -> None:
    with pytest.raises(KeyboardInterrupt):
        guarded(lambda: os.kill(os.getpid(), signal.SIGINT))


def test_other_threads_are_guarded_but_not_timed() -> None:
    reasons = []

    def work() -> None:
        try:
            guarded(lambda: sys.exit("no"))
        except StrangerError as error:
            reasons.append(error.reason)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert reasons == ["SystemExit: no"]
