"""The machine that a run is computed on, in words."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch


def machine(device: str) -> dict[str, str]:
    """The system, the processor and, where it computes, the accelerator."""
    found = {"system": platform.platform(), "processor": f"{_processor()}, {os.cpu_count()} cores"}
    if torch.device(device).type == "cuda":
        found["accelerator"] = torch.cuda.get_device_name(torch.device(device))
    return found


def _processor() -> str:
    """Linux alone says the name of its processor, in a file."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()
