"""An artefact in a fresh process: loaded by its backend alone, and run.

``python -m specc.artefacts.replay FOLDER`` reads request.json and inputs.safetensors there, and
writes told.json and outputs.safetensors. Neither the spec nor the model is known to that process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from specc import stdlib
from specc.artefacts.cases import Case
from specc.components import Backend, Interface, Port, Refusal
from specc.diagnostics import SpecError
from specc.registry import Need, Owner, PluginOptions, build_registry, load_plugins

REPEATS = 30
SECONDS = 0.3
"""How often, and how long at most, a batch is timed."""


class ReplayFailed(Exception):
    """The other process could not load or run the artefact."""


@dataclass(frozen=True)
class Replayed:
    """Outputs of each case by name, or why there are none; milliseconds of those that are timed."""

    outputs: list[dict[str, Tensor] | str]
    milliseconds: list[tuple[float, float] | None]
    load_seconds: float


def replay(
    owner: Owner,
    name: str,
    backend: Backend,
    file: Path,
    interface: Interface,
    cases: Sequence[Case],
    folder: Path,
) -> Replayed:
    """Run cases in another process; ``folder`` is one for files in between.

    Raises:
        ReplayFailed: if the process ends without an answer, or cannot load the file.
    """
    folder.mkdir()
    request = {
        "backend": {"name": name, "owner": owner_to_json(owner), "settings": settings_of(backend)},
        "file": str(file.absolute()),
        "interface": interface_to_json(interface),
        "timed": [case.timed for case in cases],
        "threads": torch.get_num_threads(),
    }
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    given = {
        f"{number}.{key}": tensor.contiguous().clone()
        for number, case in enumerate(cases)
        for key, tensor in case.inputs.items()
    }
    save_file(given, folder / "inputs.safetensors")
    command = [sys.executable, "-m", "specc.artefacts.replay", str(folder.absolute())]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        raise ReplayFailed(f"the process ended with {how}: {lines[-1] if lines else 'no word'}")
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    if told["refused"] is not None:
        raise ReplayFailed(told["refused"])
    tensors = load_file(folder / "outputs.safetensors")
    outputs: list[dict[str, Tensor] | str] = []
    for number, failed in enumerate(told["failed"]):
        prefix = f"{number}."
        found = {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
        outputs.append(found if failed is None else failed)
    times = [None if each is None else (each[0], each[1]) for each in told["milliseconds"]]
    return Replayed(outputs, times, told["load_seconds"])


def main(folder: Path) -> None:
    """The other process."""
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    torch.set_num_threads(request["threads"])
    tensors = load_file(folder / "inputs.safetensors")
    interface = interface_from_json(request["interface"])
    told: dict[str, Any] = {"refused": None, "failed": [], "milliseconds": [], "load_seconds": 0.0}
    outputs: dict[str, Tensor] = {}
    begin = time.perf_counter()
    try:
        asked = request["backend"]
        backend = find_backend(asked["owner"], asked["name"], asked["settings"])
        run = backend.load(Path(request["file"]), interface)
    except Exception as error:  # noqa: BLE001 - whatever a backend raises is the answer
        told["refused"] = in_a_line(error)
    else:
        told["load_seconds"] = time.perf_counter() - begin
        for number, timed in enumerate(request["timed"]):
            prefix = f"{number}."
            given = {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
            failed = None
            try:
                for name, tensor in run(given).items():
                    outputs[f"{number}.{name}"] = tensor.detach().contiguous().clone()
            except Exception as error:  # noqa: BLE001 - as above
                failed = in_a_line(error)
            told["failed"].append(failed)
            clocked = timed and failed is None
            told["milliseconds"].append(clock(partial(run, given)) if clocked else None)
    save_file(outputs, folder / "outputs.safetensors")
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")


def clock(run: Callable[[], object]) -> tuple[float, float]:
    """The median and the 95th percentile of the milliseconds that a call takes."""
    for _ in range(3):
        run()
    found: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(found) < 3 or (len(found) < REPEATS and time.perf_counter() < end):
        begin = time.perf_counter()
        run()
        found.append(1000 * (time.perf_counter() - begin))
    found.sort()
    return found[len(found) // 2], found[min(len(found) - 1, int(0.95 * len(found)))]


# --- as JSON -----------------------------------------------------------------------------------


def find_backend(owner: Mapping[str, Any], name: str, settings: Mapping[str, Any]) -> Backend:
    """The backend that wrote an artefact, as this process knows it.

    Raises:
        ReplayFailed: if it is not here.
    """
    registry = build_registry([stdlib])
    if not owner["is_core"]:
        file = Path(owner["distribution"])
        single = not owner["version"] and file.suffix == ".py"
        options = PluginOptions(files=(file,)) if single else PluginOptions()
        needs = [] if single else [Need(owner["plugin"])]
        registry, notes = load_plugins(registry, needs, options)
        if notes:
            raise ReplayFailed(notes[0].message)
    entry = registry.find(f"{owner['plugin']}.{name}", ("backend",))
    if entry is None:
        raise ReplayFailed(f"there is no backend `{owner['plugin']}.{name}` here")
    found = entry.load().model_validate_json(json.dumps(settings))
    assert isinstance(found, Backend)
    return found


def settings_of(backend: Backend) -> Any:
    """The settings of a backend as JSON."""
    return json.loads(backend.model_dump_json())


def owner_to_json(owner: Owner) -> dict[str, Any]:
    """Who supplies a backend, as JSON."""
    return {
        "plugin": owner.plugin,
        "distribution": owner.distribution,
        "version": owner.version,
        "is_core": owner.is_core,
    }


def interface_to_json(interface: Interface) -> dict[str, Any]:
    """What an artefact takes and gives, as JSON."""
    return asdict(interface)


def interface_from_json(told: Mapping[str, Any]) -> Interface:
    """What `interface_to_json` gave."""

    def ports(told_ports: Sequence[Mapping[str, Any]]) -> tuple[Port, ...]:
        return tuple(Port(**{**each, "shape": tuple(each["shape"])}) for each in told_ports)

    dims = {str(name): (int(low), int(high)) for name, (low, high) in told["dims"].items()}
    return Interface(ports(told["inputs"]), ports(told["outputs"]), dims)


def in_a_line(error: BaseException) -> str:
    """An error for a message."""
    if isinstance(error, (Refusal, ReplayFailed, SpecError)):
        return str(error)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {' '.join(lines[:2])[:300]}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
