"""Tensors in safetensors files: written as a stream, read with suspicion."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_bytes
from torch import Tensor, nn

from specc.training import disk
from specc.training.errors import FileRefused

State = dict[str, Tensor]
"""A state dict: tensors by their keys."""

TYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint64: "U64",
    torch.uint32: "U32",
    torch.uint16: "U16",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
"""The names of the format."""


def distinct(model: nn.Module) -> tuple[State, dict[str, str]]:
    """The state of a model, each tensor once; and aliases: a tied key -> the kept one."""
    state: State = {}
    aliases: dict[str, str] = {}
    seen: dict[tuple[object, ...], str] = {}
    named = dict(model.named_parameters(remove_duplicate=False))
    for key, tensor in model.state_dict().items():
        # A share may be empty, and then says nothing of which tensor it is of.
        at = id(named[key]) if is_share(tensor) else tensor.data_ptr()
        place = (tensor.device, at, tensor.shape, tensor.stride(), tensor.dtype)
        if tensor.numel() and place in seen:
            aliases[key] = seen[place]
            continue
        seen[place] = key
        state[key] = tensor.detach()
    return state, aliases


def local(tensor: Tensor) -> Tensor:
    """What this rank holds of a tensor; it shares the memory."""
    to_local: Callable[[], Tensor] = getattr(tensor, "to_local", lambda: tensor)
    return to_local()


def is_share(tensor: Tensor) -> bool:
    """Whether each rank holds a share of it: a DTensor, whose module is slow to import."""
    return hasattr(tensor, "to_local")


def like(tensor: Tensor, of: Tensor) -> Tensor:
    """A tensor that every rank has, shared where another one is."""
    if not is_share(of) or is_share(tensor):
        return tensor
    from specc.training.shards import as_share

    return as_share(tensor, of)


def whole(state: State) -> State:
    """The state put together on the CPU, where it is shared; all ranks have to ask."""
    if not any(is_share(tensor) for tensor in state.values()):
        return state
    from specc.training.shards import put_together

    return {key: put_together(tensor).cpu() for key, tensor in state.items()}


def snapshot(model: nn.Module) -> tuple[State, dict[str, str]]:
    """`distinct`, copied to the CPU."""
    state, aliases = distinct(model)
    kept = torch.contiguous_format
    return {
        key: tensor.to("cpu", copy=True, memory_format=kept) for key, tensor in state.items()
    }, aliases


def restore(model: nn.Module, state: State, aliases: Mapping[str, str]) -> None:
    """Put a snapshot back; a whole tensor is shared, where the model's is."""
    live = model.state_dict()
    state = {key: like(tensor, live[key]) for key, tensor in state.items()}
    model.load_state_dict(state | {key: state[kept] for key, kept in aliases.items()})


def save(path: Path, state: State, aliases: Mapping[str, str]) -> str:
    """Write tensors to a new file, wait for the disk, and give the SHA-256.

    The aliases go into the file's metadata.
    """
    return disk.write(path, _stream(state, {"aliases": json.dumps(aliases, sort_keys=True)}))


def _stream(state: State, metadata: Mapping[str, str]) -> Iterator[disk.Bytes]:
    """A file in the safetensors format, a tensor at a time: no copy of the whole is made.

    https://github.com/huggingface/safetensors#format: the length of the header in 8 bytes, the
    header as JSON, the values without gaps, wider types first so that they are aligned.
    """
    names = sorted(state, key=lambda name: (-state[name].element_size(), name))
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    offset = 0
    for name in names:
        tensor = state[name]
        end = offset + tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": TYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(8, "little")
    yield text
    for name in names:
        values = state[name].detach().cpu().contiguous().reshape(-1)
        if values.numel():
            yield values.view(torch.uint8).numpy().data


def to_bytes(state: State, metadata: Mapping[str, str]) -> bytes:
    """The content of a file."""
    return b"".join(_stream(state, metadata))


def of_bytes(data: bytes) -> tuple[State, dict[str, str]]:
    """The tensors and the metadata of what `to_bytes` gave."""
    size = int.from_bytes(data[:8], "little")
    return load_bytes(data), json.loads(data[8 : 8 + size])["__metadata__"]


def load(path: Path) -> State:
    """The state dict of a file that `save` wrote, tied keys included.

    Raises:
        FileRefused: if it is not such a file; nothing of it was used then.
    """
    state, aliases = read(path)
    return state | {key: state[kept] for key, kept in aliases.items()}


def read(path: Path) -> tuple[State, dict[str, str]]:
    """The tensors of a file, and its aliases.

    Raises:
        FileRefused: if the file is not whole or not in the format.
    """
    try:
        with safe_open(path, framework="pt") as opened:
            state = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
            aliases = json.loads((opened.metadata() or {}).get("aliases", "{}"))
    except FileNotFoundError:
        raise FileRefused(path, "is missing") from None
    except (SafetensorError, ValueError, OSError) as error:
        raise FileRefused(path, f"is no safetensors file: {error}") from error
    if not isinstance(aliases, dict) or not all(kept in state for kept in aliases.values()):
        raise FileRefused(path, "has aliases of tensors that are not there")
    return state, aliases


def differences(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> list[str]:
    """What keeps tensors from being those that are wanted, a line each."""
    lines = [f"`{key}` is missing" for key in wanted if key not in found]
    lines += [f"`{key}` is not part of the model" for key in found if key not in wanted]
    for key, tensor in wanted.items():
        if (other := found.get(key)) is None:
            continue
        if tensor.dtype != other.dtype:
            lines.append(f"`{key}` is {_name(other)}, not {_name(tensor)}")
        if tensor.shape != other.shape:
            lines.append(f"`{key}` has the shape {list(other.shape)}, not {list(tensor.shape)}")
    return lines


def _name(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
