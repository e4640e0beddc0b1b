"""What a run keeps of its spec, compiled once more."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec.structs import replace

from specc.analysis.errors_sections import NOT_LOADED
from specc.analysis.train_values import TrainSection
from specc.compiler import Request, check
from specc.components import Refusal
from specc.components.data import Schema
from specc.components.files import shown
from specc.diagnostics import Collector, Severity, SpecError, did_you_mean
from specc.registry import PluginOptions
from specc.types.dim import Dim
from specc.types.notation import parse_pattern
from specc.types.signature import Bindings, instantiate_pattern
from specc.types.tensor import TensorType


def run_folder(path: str, root: Path, inside: Path) -> Path:
    """The folder of a finished run that a spec names, relative to ``root`` and in ``inside``.

    Raises:
        Refusal: if there is none.
    """
    folder = (root / path).resolve()
    if "\0" in path or not folder.is_relative_to(inside.resolve()):
        raise Refusal(NOT_LOADED, f"`{path}` leads out of the project", label="not inside")
    if (folder / "weights.safetensors").is_file():
        return folder
    there = folder.is_dir()
    beside = [each.name for each in folder.parent.iterdir()] if folder.parent.is_dir() else []
    raise Refusal(
        NOT_LOADED,
        f"`{path}` is no finished run" if there else f"there is no run `{path}`",
        label="has no weights" if there else "is not there",
        help=did_you_mean(folder.name, beside) or f"paths are relative to {shown(root)}",
    )


def kept_request(run: Path, plugins: PluginOptions | None = None) -> tuple[Request, str]:
    """What compiles the spec that a run keeps, with the sizes of its data; and its section.

    Raises:
        Refusal: if the folder is none of a run.
    """
    try:
        told = json.loads((run / "plan.json").read_text(encoding="utf-8"))
        known = {
            name: tuple(size) if isinstance(size, list) else size
            for name, size in told["known"].items()
        }
        request = Request(
            str(run / told["spec"]),
            [str(each) for each in told["overrides"]],
            plugins,
            known=known,
            schemas={name: _schema(columns) for name, columns in told["columns"].items()},
            folder=Path(told["project"]),
            project=run,
        )
        return request, told["section"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal(NOT_LOADED, f"`{run}` is no folder of a run: {error!r}") from error


def kept_section(
    run: Path, plugins: PluginOptions | None, is_open: Callable[[str], bool]
) -> TrainSection:
    """The train section of a finished run, checked once more; sizes that ``is_open`` have no value
    yet.

    Raises:
        Refusal: if it is none, or its spec does not compile any more.
    """
    request, name = kept_request(run, plugins)
    known = {size: value for size, value in request.known.items() if not is_open(size)}
    request = replace(request, known=known)
    found = Collector()
    try:
        compiled = check(request, found)
    except SpecError as error:
        found.extend(error.diagnostics)
    if found.failed:
        first = next(each for each in found.diagnostics if each.severity is Severity.ERROR)
        raise Refusal(
            NOT_LOADED,
            f"the spec of `{shown(run)}` does not compile any more: {first.message}",
            label=f"{len(found.diagnostics)} mistakes",
            help=f"`specc check {request.path}` shows them",
        )
    for scope in {id(d.scope): d.scope for d in compiled.checked.definitions}.values():
        scope.file = f"{run}/{scope.file}"  # its models are others than those of the same name here
    return compiled.sections.trains[name]


def _schema(columns: Mapping[str, str]) -> Schema:
    """The types of a source's columns, as a plan has them; a ragged size is a name."""

    def typed(text: str) -> TensorType:
        pattern = parse_pattern(text)
        return instantiate_pattern(
            pattern, Bindings(), Dim.named, lambda name, sizes: Dim.named(name)
        )

    return Schema({name: typed(text) for name, text in columns.items()})
