"""Which files of cloned projects the user has approved to run: by path and digest."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path


def digest(code: bytes) -> str:
    """The SHA-256 of a plugin file."""
    return hashlib.sha256(code).hexdigest()


def store() -> Path:
    """Where approvals are kept: outside of any project, so that a project cannot approve itself."""
    base = os.environ.get("XDG_CONFIG_HOME")
    folder = Path(base) if base else Path.home() / ".config"
    return folder / "specc" / "trusted.json"


def is_trusted(file: Path, code: bytes) -> bool:
    """Whether the user has approved ``file`` with exactly this content."""
    return _approved().get(str(file.resolve())) == digest(code)


def approve(file: Path) -> str:
    """Approve ``file`` as it is now; returns its digest.

    Raises:
        OSError: if the file cannot be read, or the approval cannot be kept.
    """
    found = digest(file.read_bytes())
    approved = {**_approved(), str(file.resolve()): found}
    target = store()
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(approved, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    partial.replace(target)
    return found


def _approved() -> dict[str, str]:
    """Path -> digest. A store that is damaged approves nothing."""
    try:
        found = json.loads(store().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
