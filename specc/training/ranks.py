"""The processes that train one model together, and what they tell each other."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.distributed_c10d import PrefixStore
from torch.distributed.rendezvous import rendezvous

from specc.training import weights
from specc.training.execution import BadDevice
from specc.training.packing import pack, unpack

LOST = 75
"""The exit status of a rank that lost another one: nobody's fault that it could name."""

PATIENCE = 3.0
"""Seconds that a rank that fails waits for another one to say why."""

_joined: Ranks | None = None

FAILED, SAID, RUN = "failed", "said", "run"
"""What is kept beside the group, from one start of the ranks to the next."""


class Ranks:
    """``world`` processes, of which this one is number ``rank``, and ``local`` on its machine.

    What is exchanged goes over the CPU and is data alone (`specc.training.packing`): nothing is
    unpickled. A process on its own is the first of one.
    """

    def __init__(self, rank: int = 0, world: int = 1, local: int = 0) -> None:
        self.rank = rank
        self.world = world
        self.local = local
        self.store: Any = None
        self.agent = os.getppid()

    @staticmethod
    def announced() -> bool:
        """Whether this process was started as one of several, by torchrun or as it does."""
        return int(os.environ.get("WORLD_SIZE", "1")) > 1 and "RANK" in os.environ

    @staticmethod
    def join(device: str | None = None) -> Ranks:
        """Meet the others, if there are any, as the environment says: RANK, WORLD_SIZE, LOCAL_RANK,
        MASTER_ADDR and MASTER_PORT. On CUDA each has a device of its own.

        Raises:
            BadDevice: if there is none for this one.
        """
        if not Ranks.announced():
            return Ranks()
        # What one rank does before it meets the others (reading data, say) may take long.
        met = rendezvous("env://", timeout=timedelta(hours=1))
        store, rank, world = next(iter(met))
        local = int(os.environ.get("LOCAL_RANK", str(rank)))
        ranks = Ranks(rank, world, local)
        cuda = device != "cpu" and torch.cuda.is_available()
        if cuda:
            if local >= (count := torch.cuda.device_count()):
                raise BadDevice(f"there is no device for rank {local} on this machine, but {count}")
            torch.cuda.set_device(local)
        backend = "cpu:gloo,cuda:nccl" if cuda else "gloo"
        while isinstance(store, PrefixStore):  # that of one start among several
            store = store.underlying_store
        ranks.store = PrefixStore("specc", store)
        own = PrefixStore(_met(ranks.store, rank, world), ranks.store)
        dist.init_process_group(backend, store=own, rank=rank, world_size=world)
        global _joined  # noqa: PLW0603 - as the process group is: one for a process
        _joined = ranks
        return ranks

    def leave(self) -> None:
        """Take leave of the others, when all of them are at their end."""
        if self.several and dist.is_initialized():
            dist.destroy_process_group()

    @property
    def several(self) -> bool:
        """Whether there is another one."""
        return self.world > 1

    @property
    def first(self) -> bool:
        """Whether this is the one that writes and speaks."""
        return self.rank == 0

    @property
    def orphaned(self) -> bool:
        """Whether the agent that started this rank is gone: nobody would end it any more."""
        return self.several and os.getppid() != self.agent

    # --- what all of them do together ----------------------------------------------------------

    def most(self, *numbers: int) -> list[int]:
        """The greatest of all ranks' numbers, one by one."""
        if not self.several:
            return list(numbers)
        values = torch.tensor(numbers)
        dist.all_reduce(values, dist.ReduceOp.MAX)
        return [int(value) for value in values.tolist()]

    def sums(self, numbers: Sequence[float]) -> list[float]:
        """The sums over all ranks, one by one and in the order of the ranks."""
        if not self.several:
            return list(numbers)
        mine = torch.tensor(numbers, dtype=torch.float64)
        every = [torch.empty_like(mine) for _ in range(self.world)]
        dist.all_gather(every, mine)
        return [sum(values) for values in zip(*(each.tolist() for each in every), strict=True)]

    def share(self, value: Any) -> Any:
        """What the first rank has; the value of the others is not looked at."""
        if not self.several:
            return value
        tensors: dict[str, Tensor] = {}
        text = ""
        if self.first:
            packed = pack(value, tensors, "value")
            tensors = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
            told = {n: [weights.TYPES[t.dtype], list(t.shape)] for n, t in tensors.items()}
            text = json.dumps([packed, told])
        packed, told = json.loads(_text(self._shared(_bytes(text))))
        types = {name: dtype for dtype, name in weights.TYPES.items()}
        for name, (dtype, shape) in told.items():
            if not self.first:
                tensors[name] = torch.empty(shape, dtype=types[dtype])
            if tensors[name].numel():
                dist.broadcast(tensors[name].reshape(-1).view(torch.uint8), 0)
        return value if self.first else unpack(packed, tensors)

    def _shared(self, data: Tensor) -> Tensor:
        size = torch.tensor([len(data)])
        dist.broadcast(size, 0)
        found = data if self.first else torch.empty(int(size), dtype=torch.uint8)
        dist.broadcast(found, 0)
        return found

    def gather(self, value: Any) -> list[Any]:
        """What each rank has, in their order."""
        if not self.several:
            return [value]
        tensors: dict[str, Tensor] = {}
        packed = pack(value, tensors, "value")
        mine = _bytes(weights.to_bytes(tensors, {"value": json.dumps(packed)}))
        sizes = [torch.zeros(1, dtype=torch.int64) for _ in range(self.world)]
        dist.all_gather(sizes, torch.tensor([len(mine)]))
        longest = max(int(size) for size in sizes)
        every = [torch.empty(longest, dtype=torch.uint8) for _ in range(self.world)]
        dist.all_gather(every, torch.nn.functional.pad(mine, (0, longest - len(mine))))
        found = []
        for data, size in zip(every, sizes, strict=True):
            state, metadata = weights.of_bytes(data[: int(size)].numpy().tobytes())
            found.append(unpack(json.loads(metadata["value"]), state))
        return found

    # --- what outlives a rank ------------------------------------------------------------------

    def remember(self, run: str) -> None:
        """Keep the folder of the run for the ranks that are started in the place of these."""
        if self.store is not None:
            self.store.set(RUN, run)

    def remembered(self) -> str | None:
        """The folder of a run that the same ranks began before they were started again."""
        if self.store is None or not self.store.check([RUN]):
            return None
        return str(self.store.get(RUN).decode())

    def ended(self) -> int | None:
        """The exit status of these ranks, where one of them has said for good why they end."""
        if self.store is None or not self.store.check([SAID]):
            return None
        return int(self.store.get(SAID))


def _met(store: Any, rank: int, world: int) -> str:
    """A word that the ranks of this start have in common, and those of no other.

    Under an elastic agent the store outlives the ranks: what those before these left there (where
    they listen, say) would be taken for theirs. The first rank answers what each of the others says
    of itself, until all of them have heard it.
    """
    mine = uuid.uuid4().hex
    store.set(f"hello/{rank}", mine)
    if rank:
        word = str(store.get(f"answer/{mine}").decode())
        store.set(f"heard/{word}/{rank}", "")
        return word
    missing = set(range(1, world))
    while missing:
        for other in sorted(missing):
            if store.check([f"hello/{other}"]):
                store.set(f"answer/{store.get(f'hello/{other}').decode()}", mine)
            if store.check([f"heard/{mine}/{other}"]):
                missing.discard(other)
        time.sleep(0.01)
    return mine


def settle(error: BaseException, tell: Callable[[], int]) -> int:
    """The exit status after an error: the rank that comes first tells it, the others are silent and
    end as it does. A rank that only lost another one waits for what that has to say."""
    ranks = _joined
    if ranks is None:
        return tell()
    try:
        if not lost(error):
            first = ranks.store.compare_set(FAILED, "", str(ranks.rank))
            if int(first) == ranks.rank:
                status = tell()
                ranks.store.set(SAID, str(status))
                return status
        until = time.monotonic() + PATIENCE
        while (said := ranks.ended()) is None:
            if time.monotonic() > until:
                return LOST
            time.sleep(0.05)
        return said
    except dist.DistError:  # the store went with whoever held it
        return LOST if lost(error) else tell()


def lost(error: BaseException) -> bool:
    """Whether an error only says that another rank is not there any more."""
    if isinstance(error, dist.DistError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _SIGNS)


_SIGNS = (
    "Connection closed by peer",
    "Connection reset by peer",
    "Broken pipe",
    "Application timeout caused pair closure",
    "gloo",
    "NCCL",
)


def _bytes(data: str | bytes) -> Tensor:
    raw = data.encode() if isinstance(data, str) else data
    return torch.frombuffer(bytearray(raw or b"\0"), dtype=torch.uint8)


def _text(data: Tensor) -> str:
    return data.numpy().tobytes().decode()
