"""A checkpoint on the disk: complete, or not there."""

from __future__ import annotations

import errno
import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor

from specc.training import disk, weights
from specc.training.choice import Kept
from specc.training.errors import FileRefused
from specc.training.packing import pack, unpack
from specc.training.ranks import Ranks
from specc.training.weights import State, is_share

if TYPE_CHECKING:
    from torch.distributed.device_mesh import DeviceMesh

WEIGHTS = "weights.safetensors"
TRAINING = "training.safetensors"
BEST = "best.safetensors"
ABOUT = "checkpoint.json"
SUMS = "SHA256SUMS"

FORMAT = 1
LARGEST_TEXT = 256 << 20
NAME = re.compile(r"(\d{9,18})(?:\.(\d{1,9}))?")
LINE = re.compile(
    r"([0-9a-f]{64})  "
    r"((?:weights|training|best|shard-\d{5}-model-00001-of-00001)\.safetensors|checkpoint\.json)"
)


@dataclass(frozen=True)
class Checkpoint:
    """What a run needs to go on.

    ``about`` is what JSON can say (place, plan, versions); ``state`` is everything else, tensors in
    it. ``best`` are the weights kept so far, ``None`` where the run keeps none.
    """

    weights: State
    aliases: Mapping[str, str]
    about: Mapping[str, Any]
    state: Mapping[str, Any]
    best: Kept | None
    path: Path = Path("a checkpoint")
    """Where it was read from."""


@dataclass(frozen=True)
class Sharded:
    """A checkpoint whose tensors lie in a file for each rank; its digests were found right."""

    about: Mapping[str, Any]
    path: Path

    def read(self, mesh: DeviceMesh | None = None) -> Checkpoint:
        """With the tensors as the ranks of ``mesh`` share them: all of these have to read. Without
        one, with all of them whole.

        Raises:
            FileRefused: if a file is not what it should be.
        """
        from specc.training import shards

        about = dict(self.about)
        try:
            told = about.pop("shards")
            tensors = shards.read(self.path, told["shared"], mesh)
            state = _under("weights.", tensors)
            best = None
            if about["best"] is not None:
                best = _kept(about["best"], (_under("best.", tensors), told["best"]))
            unpacked = unpack(about.pop("state"), tensors)
            return Checkpoint(state, told["aliases"], about, unpacked, best, self.path)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise FileRefused(self.path / ABOUT, f"is not complete: {error!r}") from error


def complete(found: Checkpoint | Sharded) -> Checkpoint:
    """A checkpoint with all of its tensors, whoever wrote it; raises `FileRefused`."""
    return found.read() if isinstance(found, Sharded) else found


class Checkpoints:
    """The folder ``checkpoints`` of a run: one folder for each, named after its step.

    A second one of the same step (taken before and after the validation, say) is ``STEP.2``. A
    checkpoint is written under another name, synced and renamed. ``SHA256SUMS`` has the digests of
    its files, as ``sha256sum -c`` reads them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unusable: set[Path] = set()
        """Those found to be damaged; they are removed when newer ones are there, not before."""

    def present(self) -> list[Path]:
        """The complete ones, the earliest first; file times mean nothing."""
        if not self.path.is_dir():
            return []
        found = [(m, p) for p in self.path.iterdir() if (m := NAME.fullmatch(p.name))]
        return [p for _, p in sorted(found, key=lambda item: _order(item[0]))]

    def save(self, checkpoint: Checkpoint, ranks: Ranks | None = None) -> None:
        """Write a checkpoint. Where its tensors are shared all ranks write their own, and the first
        one everything else.

        Raises:
            OSError: if the disk does not take it; all that was there before still is.
        """
        ranks = ranks or Ranks()
        shared = any(is_share(tensor) for tensor in checkpoint.weights.values())
        if not (ranks.first or shared):
            return
        step = checkpoint.about["step"]
        draft = self.path / f".{step:09d}.tmp"
        try:
            if ranks.first:
                if draft.exists():
                    shutil.rmtree(draft)
                draft.mkdir()
            if shared:
                self._fill_shards(draft, checkpoint, ranks)
            else:
                self._fill(draft, checkpoint)
            if ranks.first:
                disk.publish(draft, self._free(step))
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def _fill(self, draft: Path, checkpoint: Checkpoint) -> None:
        tensors: dict[str, Tensor] = {}
        state = pack(dict(checkpoint.state), tensors, "state")
        about = {"format": FORMAT, **checkpoint.about, "best": None, "state": state}
        sums = {WEIGHTS: weights.save(draft / WEIGHTS, checkpoint.weights, checkpoint.aliases)}
        sums[TRAINING] = weights.save(draft / TRAINING, tensors, {})
        if (best := checkpoint.best) is not None:
            about["best"] = pack(best.about(), {}, "best")
            sums[BEST] = weights.save(draft / BEST, best.state, best.aliases)
        _finish(draft, about, sums)

    def _fill_shards(self, draft: Path, checkpoint: Checkpoint, ranks: Ranks) -> None:
        from specc.training import shards

        tensors = {f"weights.{name}": tensor for name, tensor in checkpoint.weights.items()}
        state = pack(dict(checkpoint.state), tensors, "state")
        about = {"format": FORMAT, **checkpoint.about, "best": None, "state": state}
        aliases: Mapping[str, str] = {}
        if (best := checkpoint.best) is not None:
            about["best"] = pack(best.about(), {}, "best")
            tensors |= {f"best.{name}": tensor for name, tensor in best.state.items()}
            aliases = best.aliases
        about["shards"] = {
            "shared": [name for name, tensor in tensors.items() if is_share(tensor)],
            "aliases": checkpoint.aliases,
            "best": aliases,
        }
        ranks.most(0)  # the folder is there
        sums = shards.write(draft, tensors, ranks)
        if ranks.first:
            for name in sums:
                if not (draft / name).is_file():
                    raise OSError(
                        errno.ENOENT, "was written by a rank whose files are not here", name
                    )
            _finish(draft, about, sums)

    def _free(self, step: int) -> Path:
        """The first name of a step that is not taken."""
        name, number = f"{step:09d}", 1
        while (self.path / name).exists():
            number += 1
            name = f"{step:09d}.{number}"
        return self.path / name

    def prune(self, keep: int) -> None:
        """Remove all but the last so many that can be used, and drafts that were left behind."""
        present = self.present()
        usable = [path for path in present if path not in self.unusable]
        for path in present:
            if path not in usable[-keep:]:
                disk.discard(path)
        for path in self.path.iterdir():
            if path.name.startswith("."):
                disk.discard(path)

    def newest(
        self, check: Callable[[Checkpoint | Sharded], None] = lambda checkpoint: None
    ) -> tuple[Checkpoint | Sharded, list[str]] | None:
        """The last one that is whole, and what is wrong with those after it, which are put into
        ``unusable``. ``check`` raises `FileRefused` for one that cannot be used for another reason.

        Raises:
            FileRefused: if there are some, and none is whole.
        """
        reasons: list[str] = []
        for path in reversed(self.present()):
            try:
                found = read(path)
                check(found)
                return found, reasons
            except FileRefused as refused:
                self.unusable.add(path)
                reasons.append(str(refused))
        if not reasons:
            return None
        raise FileRefused(
            self.path,
            "has no checkpoint that is whole",
            details=reasons,
            help="nothing was removed; without --resume a new run begins in a folder of its own",
        )


def _finish(draft: Path, about: Mapping[str, Any], sums: dict[str, str]) -> None:
    text = json.dumps(about, indent=1, ensure_ascii=False) + "\n"
    sums[ABOUT] = disk.write(draft / ABOUT, [text.encode()])
    lines = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    disk.write(draft / SUMS, [lines.encode()])


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> State:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}


def _kept(about: Any, state: tuple[State, dict[str, str]]) -> Kept:
    told = unpack(about, {})
    return Kept(told["step"], told["epoch"], told["scores"], *state)


def read(path: Path) -> Checkpoint | Sharded:
    """Read a checkpoint, every byte of it checked before it is used.

    Raises:
        FileRefused: if anything of it is missing, changed or not what it should be.
    """
    _check_sums(path)
    about = _about(path / ABOUT)
    try:
        matched = NAME.fullmatch(path.name)
        if matched is None or about["step"] != int(matched[1]):
            raise FileRefused(path, f"has the name of another step than {about['step']}")
        for key in (
            "epoch",
            "done",
            "over",
            "plan",
            "execution",
            "versions",
            "metrics",
            "ranks",
            "state",
        ):
            about[key]
        if "shards" in about:
            return Sharded(about, path)
        state, aliases = weights.read(path / WEIGHTS)
        tensors, _ = weights.read(path / TRAINING)
        best = None
        if about["best"] is not None:
            best = _kept(about["best"], weights.read(path / BEST))
        unpacked = unpack(about.pop("state"), tensors)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise FileRefused(path / ABOUT, f"is not complete: {error!r}") from error
    return Checkpoint(state, aliases, about, unpacked, best, path)


def _check_sums(path: Path) -> None:
    """Every file that the list names is there and has its digest; no other may be needed."""
    text = _text(path / SUMS)
    matches = [LINE.fullmatch(line) for line in text.splitlines()]
    if not matches or None in matches or not text.endswith("\n"):
        raise FileRefused(path / SUMS, "is damaged")
    sums = {match[2]: match[1] for match in matches if match}
    sharded = any(name.startswith("shard-") for name in sums)
    for name in (ABOUT,) if sharded else (WEIGHTS, TRAINING, ABOUT):
        if name not in sums:
            raise FileRefused(path / SUMS, f"does not name {name}")
    for name, wanted in sums.items():
        file = path / name
        if file.is_symlink() or not file.is_file():
            raise FileRefused(file, "is missing" if not file.exists() else "is no plain file")
        if disk.digest(file) != wanted:
            raise FileRefused(file, "is damaged: its SHA-256 is not the one in SHA256SUMS")


def _about(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise FileRefused(path, f"is no JSON: {error}") from error
    if not isinstance(about, dict):
        raise FileRefused(path, "is no checkpoint's")
    if about.get("format") != FORMAT:
        raise FileRefused(path, f"has format {about.get('format')}, and this specc reads {FORMAT}")
    return about


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_TEXT:
            raise FileRefused(path, "is too large")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileRefused(path, "is missing") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FileRefused(path, f"cannot be read: {error}") from error


def _order(name: re.Match[str]) -> tuple[int, int]:
    return int(name[1]), int(name[2] or 1)
