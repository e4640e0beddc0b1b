"""Weights in safetensors files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

State = dict[str, Tensor]
"""A state dict: tensors by their keys."""


def snapshot(model: nn.Module) -> tuple[State, dict[str, str]]:
    """A copy of the state on the CPU, each tensor once; and aliases: a tied key -> the kept one."""
    state: State = {}
    aliases: dict[str, str] = {}
    seen: dict[tuple[object, ...], str] = {}
    for key, tensor in model.state_dict().items():
        place = (tensor.device, tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype)
        if tensor.numel() and place in seen:
            aliases[key] = seen[place]
            continue
        seen[place] = key
        state[key] = tensor.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
    return state, aliases


def restore(model: nn.Module, state: State, aliases: Mapping[str, str]) -> None:
    """Put a snapshot back."""
    model.load_state_dict(state | {key: state[kept] for key, kept in aliases.items()})


def save(path: Path, state: State, aliases: Mapping[str, str]) -> None:
    """Write a snapshot; the aliases go into the file's metadata."""
    save_file(state, path, metadata={"aliases": json.dumps(aliases, sort_keys=True)})


def load(path: Path) -> State:
    """The state dict of a file that `save` wrote, tied keys included."""
    with safe_open(path, framework="pt") as opened:
        state = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
        aliases = json.loads((opened.metadata() or {}).get("aliases", "{}"))
    return state | {key: state[kept] for key, kept in aliases.items()}
