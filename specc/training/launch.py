"""Ranks on this machine, under torchrun's elastic agent."""

from __future__ import annotations

import logging
import os
import signal
import sys
import uuid
from collections.abc import Sequence
from typing import Any

from torch.distributed.elastic.agent.server.api import (
    RunResult,
    WorkerGroup,
    WorkerSpec,
    WorkerState,
)
from torch.distributed.elastic.agent.server.local_elastic_agent import LocalElasticAgent
from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException
from torch.distributed.elastic.rendezvous import RendezvousParameters
from torch.distributed.elastic.rendezvous.registry import get_rendezvous_handler

from specc.training.errors import RANK_DIED, RunFailed
from specc.training.ranks import LOST

RESTARTS = 3
"""How often ranks are started again after one of them was killed."""

SHUTDOWN = 300
"""Seconds that ranks have to end their step and to save, once they are asked to end."""


class Agent(LocalElasticAgent):
    """Starts ranks again when one of them was killed; one that said why it ends does not come to
    another end when it is tried again."""

    def _monitor_workers(self, worker_group: WorkerGroup) -> RunResult:
        result: RunResult = super()._monitor_workers(worker_group)
        if result.state is WorkerState.FAILED:
            if _said(result) is not None:
                self._remaining_restarts = 0
            elif self._remaining_restarts:
                sys.stderr.write(f"{_why(result)}: all ranks are started again\n")
        return result


def launch(count: int, arguments: Sequence[str]) -> int:
    """Run ``python -m specc ARGUMENTS`` as so many ranks; gives the exit status, which is theirs.

    Raises:
        RunFailed: if ranks were killed again and again.
    """
    # What is to be said is said by the ranks and here; torch tells each end with a traceback.
    logging.disable(logging.CRITICAL)
    # Otherwise every rank would begin with a pool of threads for all processors.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    parameters = RendezvousParameters(
        backend="c10d",
        endpoint="localhost:0",
        run_id=uuid.uuid4().hex,
        min_nodes=1,
        max_nodes=1,
        local_addr="localhost",
    )
    spec = WorkerSpec(
        role="rank",
        local_world_size=count,
        rdzv_handler=get_rendezvous_handler(parameters),
        entrypoint=sys.executable,
        args=("-m", "specc", *(argument.replace("$", "$$") for argument in arguments)),
        max_restarts=RESTARTS,
        local_addr="localhost",
    )
    agent = Agent(spec, DefaultLogsSpecs(), shutdown_timeout=SHUTDOWN)
    try:
        result = agent.run()
    except SignalException as asked:
        # The ranks have saved and said so by now.
        return 128 + int(asked.sigval)
    finally:
        spec.rdzv_handler.shutdown()
        logging.disable(logging.NOTSET)
    if not result.is_failed():
        return 0
    status = _said(result)
    if status is not None:
        return status
    raise RunFailed(
        RANK_DIED,
        f"{_why(result)}, and so it was after {RESTARTS} new starts",
        help="the last checkpoint is whole: --resume goes on from there; a rank that is killed "
        "over and over most often lacks memory",
    )


def _said(result: RunResult) -> int | None:
    """The exit status of ranks that ended by themselves."""
    statuses = [f.exitcode for f in result.failures.values() if f.exitcode > 0]
    return next((status for status in statuses if status != LOST), None)


def _why(result: RunResult) -> str:
    """What happened to a rank that did not end by itself."""
    failures: dict[int, Any] = dict(sorted(result.failures.items()))
    killed = [(rank, f.exitcode) for rank, f in failures.items() if f.exitcode < 0]
    # The agent itself ends the others with SIGTERM.
    killed.sort(key=lambda each: each[1] == -signal.SIGTERM)
    if not killed:
        return "the ranks lost each other"
    rank, number = killed[0]
    return f"rank {rank} was killed by {signal.Signals(-number).name}"
