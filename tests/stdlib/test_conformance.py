"""Every component of the standard library does what it says."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import specc.stdlib
from specc.components import TensorComponent
from specc.testing import check_component

ROOT = Path(specc.stdlib.__file__).parent
FOLDERS = ("layers", "losses", "transforms", "augmentations")


def components() -> list[str]:
    paths = (path for folder in FOLDERS for path in sorted((ROOT / folder).glob("[!_]*.py")))
    return [f"{path.parent.name}.{path.stem}" for path in paths]


def class_of(path: str) -> type[TensorComponent]:
    module = importlib.import_module(f"specc.stdlib.{path}")
    name = path.rpartition(".")[2]
    cls = getattr(module, "".join(part.capitalize() for part in name.split("_")))
    assert issubclass(cls, TensorComponent)
    return cls


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("path", components())
def test_component_conforms(path: str) -> None:
    cls = class_of(path)
    if cls.takes_module:
        pytest.skip("takes a module, of which no example can be written")
    check_component(cls).stop_if_failed()
