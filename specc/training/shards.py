"""Tensors of which each rank holds a share, written by all ranks and read by any number of them.

The files are those of `torch.distributed.checkpoint` with its safetensors writer: one for each
rank, its shares with their places in the header. What that library does by default, a pickle beside
the files, is not written and not read.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.hf_storage import (
    HuggingFaceStorageReader,
    HuggingFaceStorageWriter,
)
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import save
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.tensor import DTensor, Shard, distribute_tensor, empty

from specc.training import disk
from specc.training.errors import FileRefused
from specc.training.ranks import Ranks
from specc.training.weights import local


def write(folder: Path, tensors: Mapping[str, Tensor], ranks: Ranks) -> dict[str, str]:
    """Write the tensors of all ranks; gives the SHA-256 of each file.

    Every rank opens its file again and compares it with what it holds before its digest is taken.

    Raises:
        OSError: if the disk does not take them, or gives something else back.
    """
    with _quiet():
        save(
            dict(sorted(tensors.items())),
            storage_writer=HuggingFaceStorageWriter(str(folder), save_distributed=True),
        )
    mine = folder / f"shard-{ranks.rank + 1:05d}-model-00001-of-00001.safetensors"
    sums = {}
    if mine.exists():
        _compare(mine, tensors)
        sums[mine.name] = disk.digest(mine)
    return {name: digest for found in ranks.gather(sums) for name, digest in found.items()}


def _compare(path: Path, tensors: Mapping[str, Tensor]) -> None:
    try:
        with safe_open(path, framework="pt") as opened:
            for name in opened.keys():  # noqa: SIM118
                held = local(tensors[name]).detach().cpu().contiguous()
                if not _same(opened.get_tensor(name), held):
                    raise OSError(None, f"`{name}` is not what was written", str(path))
    except SafetensorError as error:
        raise OSError(None, str(error), str(path)) from error


def _same(one: Tensor, other: Tensor) -> bool:
    """Bit for bit, as NaN is not equal to itself."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if not one.numel():
        return True
    return torch.equal(
        one.contiguous().reshape(-1).view(torch.uint8), other.reshape(-1).view(torch.uint8)
    )


def read(folder: Path, shared: Collection[str], mesh: DeviceMesh | None) -> dict[str, Tensor]:
    """The tensors of a folder.

    ``shared`` are those that the ranks shared: each rank of ``mesh`` reads its share of them, and
    all ranks have to read. Without one they are read whole, by whoever wants to.

    Raises:
        FileRefused: if the files are not what `write` leaves.
    """
    try:
        with _quiet():
            reader = HuggingFaceStorageReader(str(folder))
            stored: Mapping[str, Any] = reader.read_metadata().state_dict_metadata
            found = {
                name: empty(
                    *each.size,
                    dtype=each.properties.dtype,
                    device_mesh=mesh,
                    placements=[Shard(0)],
                )
                if mesh is not None and name in shared
                else torch.empty(each.size, dtype=each.properties.dtype)
                for name, each in stored.items()
            }
            load(found, storage_reader=reader, no_dist=mesh is None)
    except (CheckpointException, SafetensorError, KeyError, ValueError, OSError) as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else repr(error)
        raise FileRefused(folder, f"cannot be read: {reason}") from error
    return found


def mesh_of(model: nn.Module) -> DeviceMesh | None:
    """The ranks that share a model's parameters, if any do."""
    for parameter in model.parameters():
        if isinstance(parameter, DTensor):
            return parameter.device_mesh
    return None


def as_share(tensor: Tensor, of: Tensor) -> Tensor:
    """A whole tensor, the same on every rank, shared as another one is."""
    assert isinstance(of, DTensor)
    device = of.to_local().device
    return distribute_tensor(tensor.to(device), of.device_mesh, of.placements, src_data_rank=None)


def put_together(tensor: Tensor) -> Tensor:
    """A shared tensor as a whole; all ranks have to ask."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the library says of every save and load."""
    logger = logging.getLogger("torch.distributed.checkpoint")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
