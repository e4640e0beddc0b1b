"""Commands that start ranks, watched from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SPEC = """nnspec 1
model Net(classes: int = 10) {
  input image: float[B, 64]
  x = image |> linear(24) |> relu
  repeat 2 {
    x = x |> block: linear(24) |> dropout(0.2) |> relu
  }
  output scores: logits[B, classes] = x |> linear(classes)
}

data Digits {
  source = csv("digits.csv")
  split = fractions(val=0.1, test=0.1, seed=1)
  image = source["p*"] |> scale(min=0, max=16)
  label = source.label |> categories
}

train {
  data = Digits
  model = Net(label.classes)
  scores = image |> model
  loss = (scores, label) |> cross_entropy
  metric accuracy = (scores, label) |> accuracy
  optimizer = adam(lr=2e-3)
  epochs = 2
  batch = 64
  save_steps = 4
}
"""
DIGITS = Path(__file__).resolve().parents[2] / "specs/data/digits.csv"


def project(folder: Path, text: str = SPEC) -> Path:
    """A folder with a spec and its data."""
    folder.mkdir(exist_ok=True)
    (folder / "net.nnspec").write_text(text)
    if not (folder / "digits.csv").exists():
        (folder / "digits.csv").symlink_to(DIGITS)
        (folder / "digits.csv").unlink()
        (folder / "digits.csv").write_bytes(DIGITS.read_bytes())
    return folder


def train(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """``specc train``, begun."""
    command = [sys.executable, "-m", "specc", "train", "net.nnspec", *arguments]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def trained(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Its exit status, and what it said on stdout and stderr."""
    process = train(folder, *arguments)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def when(happened: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for something."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.005)


def checkpoints(folder: Path, runs: str = "runs") -> list[Path]:
    return sorted((folder / runs / "net/1/checkpoints").glob("0*"))


def rank(process: subprocess.Popen[str], number: int) -> int:
    """The process id of a rank."""
    for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))):
        try:
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if parent == process.pid and f"RANK={number}".encode() in words:
            return pid
    raise AssertionError(f"there is no rank {number}")


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    os.kill(pid, number)
