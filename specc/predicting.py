"""A finished run, opened again: its model, and what it says of new rows."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc.analysis.errors_sections import NO_OUTPUTS
from specc.analysis.train_values import TrainSection
from specc.building import blueprint
from specc.codegen.load import load_source
from specc.codegen.predict import emit_predict
from specc.compiler import Compiled, check
from specc.components import Refusal, Source
from specc.components.ragged import is_ragged
from specc.data.again import columns_needed, columns_of, source_of
from specc.data.answers import as_json, inverted, without_padding
from specc.data.errors import NO_NEW_ROWS
from specc.data.lengths import check_lengths
from specc.data.plan import FieldPlan
from specc.diagnostics import Collector, Diagnostic, SpecError
from specc.ir import program as ir
from specc.ir.slicing import locals_in, needed_steps
from specc.kept import kept_request
from specc.planning import augment_plans, with_derived

if TYPE_CHECKING:
    from torch import Tensor, nn

    from specc.registry import PluginOptions

ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class OpenRun:
    """A run whose weights are in its model."""

    train: TrainSection
    model: nn.Module
    fields: tuple[FieldPlan, ...]
    fitted: Mapping[str, list[dict[str, Any]]]
    step: ir.PredictStep
    source: str
    """The emitted function that computes the outputs."""

    kinds: tuple[type[Source], ...]
    """Every source that new rows can be read by."""

    def predict(self, path: Path) -> Iterator[dict[str, Any]]:
        """The outputs for every row of a file, by name; scalars as Python values, others as lists.

        Raises:
            Refusal: if the file or a row is wrong.
        """
        import torch

        from specc.training.draws import drawn_once
        from specc.training.feed import batches

        origin = self.source_of(path)
        data = self.train.data
        assert data is not None
        assert data.schema is not None
        folder = path.absolute().parent
        columns = columns_of(self.fields, self.fitted, origin, data.schema, folder)
        self._check_lengths(columns, origin, folder)
        tensors = {name: as_tensor(column) for name, column in columns.items()}
        seed = getattr(self.train.settings, "seed", 0)
        tensors = drawn_once(tensors, augment_plans(self.train), seed)
        names = tuple(each.name for each in self.step.fields)
        ragged = {size: f"{field}.lengths" for size, field in self._ragged()}
        given = {name: with_derived(tensors, name) for name in (*names, *ragged.values())}
        predict = load_source(self.source).predict
        modules = self.modules()
        self.model.eval()
        with torch.no_grad():
            for batch in batches(given, ROWS_AT_ONCE):
                outputs = predict(*modules, *(batch[name] for name in names))
                lengths = {size: batch[name].numpy() for size, name in ragged.items()}
                yield from self._rows(outputs, lengths)

    def _ragged(self) -> Iterator[tuple[str, str]]:
        """The ragged sizes by their names in the analysis, each with a field that has it."""
        assert self.train.data is not None
        for field in self.fields:
            if field.type.dims and is_ragged(field.type.dims[0]):
                yield f"{self.train.data.name}.{field.type.dims[0]}", field.name

    def _check_lengths(self, columns: Mapping[str, Any], origin: Source, folder: Path) -> None:
        import numpy as np

        lengths = {size: np.diff(columns[field].offsets) for size, field in self._ragged()}
        check_lengths(self.train.conditions, lengths, origin, folder)

    def modules(self) -> tuple[nn.Module, ...]:
        """What the emitted function is called with."""
        if len(self.step.instances) == 1:
            return (self.model,)
        return tuple(self.model.get_submodule(name) for name in self.step.instances)

    def source_of(self, path: Path) -> Source:
        """The source of the rows at a path, which is relative to the folder that it is in."""
        assert self.train.data is not None
        assert self.train.data.source is not None
        columns = columns_needed(self.fields)
        return source_of(self.train.data.source, path.name, columns, self.kinds)

    def places(self, path: Path) -> Iterator[str]:
        """Where each row of a file stands, in words."""
        for place in self.source_of(path).places(path.absolute().parent):
            yield str(path.parent / place)

    def _rows(
        self, outputs: Mapping[str, Tensor], lengths: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """One mapping for each row of a batch."""
        found: dict[str, list[Any]] = {}
        for name, tensor in outputs.items():
            predicted = self.train.outputs[name]
            rows = without_padding(tensor.cpu().numpy(), predicted.type.dims, lengths)
            if predicted.inverse is not None:
                field = next(
                    each for each in field_plans(self.train) if each.name == predicted.inverse
                )
                rows = inverted(field, self.fitted[predicted.inverse], rows)
            found[name] = as_json(rows)
        for row in zip(*found.values(), strict=True):
            yield dict(zip(found, row, strict=True))


def predictions(run: OpenRun, inputs: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The outputs for the rows of all inputs; ``-`` is standard input.

    Raises:
        Refusal: if an input or a row is wrong.
    """
    several = len(inputs) > 1 or any(Path(each).is_dir() for each in inputs)
    for each in inputs:
        with _stored(run, each) as path:
            rows = run.predict(path)
            if not several:
                yield from rows
            elif each == "-":
                yield from ({"input": f"-:{n}"} | row for n, row in enumerate(rows, start=1))
            else:
                places = run.places(path)
                yield from ({"input": place} | row for row, place in zip(rows, places))  # noqa: B905


@contextmanager
def _stored(run: OpenRun, given: str) -> Iterator[Path]:
    """The file of an input. Standard input is stored while it is read: as lines of text where the
    run reads a single text a row, else as its source would read it."""
    if given != "-":
        yield Path(given)
        return
    assert run.train.data is not None
    assert run.train.data.schema is not None
    columns = columns_needed(run.fields)
    types = [run.train.data.schema.fields[name] for name in columns]
    single_text = len(types) == 1 and types[0].element.base == "str" and not types[0].dims
    with tempfile.TemporaryDirectory(prefix="specc-") as folder:
        path = Path(folder) / ("stdin.txt" if single_text else "stdin")
        path.write_bytes(sys.stdin.buffer.read())
        yield path


def as_tensor(column: Any) -> Any:
    """A prepared column as a tensor, ragged or not."""
    import torch

    from specc.components import Ragged

    if isinstance(column, Ragged):
        return Ragged(torch.from_numpy(column.values), torch.from_numpy(column.offsets))
    return torch.from_numpy(column)


def field_plans(train: TrainSection) -> tuple[FieldPlan, ...]:
    """The fields of a train section's data, as the data phase takes them."""
    assert train.data is not None
    return tuple(
        FieldPlan(name, column.columns, column.stacked, column.transforms, column.type)
        for name, column in train.data.fields.items()
    )


def open_run(path: Path, plugins: PluginOptions | None = None) -> OpenRun:
    """Compile the spec that a run keeps, and give its model the weights that are the result.

    Raises:
        SpecError: if the folder is no finished run, or its spec says no outputs.
        Refusal: if a file of it is damaged.
    """
    from specc.training import weights

    fitted = _json(path, "fitted.json")
    found = Collector()
    request, section = kept_request(path, plugins)
    compiled = check(request, found)
    found.stop_if_failed()
    train = compiled.sections.trains[section]
    if not train.outputs:
        raise SpecError(
            Diagnostic(
                NO_OUTPUTS,
                f"`{train.name}` says nothing to predict",
                train.section.head,
                "has no output",
                help="such as `output kind = scores |> argmax(dim=1) |> inverse(label)`",
            )
        )
    model = blueprint(compiled, train).build()
    state, aliases = weights.read(path / "weights.safetensors")
    weights.restore(model, state, aliases)
    step = predict_step(train)
    used = {name.partition(".")[0] for name in (each.name for each in step.fields)}
    assert train.data is not None
    own = f"{train.data.name}."
    sizes = {
        name.removeprefix(own): size
        for name, size in request.known.items()
        if name.startswith(own) and isinstance(size, int)
    }
    fields = tuple(field for field in field_plans(train) if field.name in used)
    source = emit_predict(step, sizes, "The outputs of a run.")
    kinds = _sources(compiled)
    return OpenRun(train, model, fields, fitted, step, source, kinds)


def _sources(compiled: Compiled) -> tuple[type[Source], ...]:
    """Every source that is registered, those of the core first."""
    registry = compiled.checked.context.registry
    entries = [entry for entry in registry.entries if entry.kind == "source"]
    entries.sort(key=lambda entry: (not entry.owner.is_core, entry.name))
    loaded = [entry.load() for entry in entries]
    return tuple(cls for cls in loaded if issubclass(cls, Source))


def predict_step(train: TrainSection) -> ir.PredictStep:
    """The IR of what a train section gives for new rows."""
    body = needed_steps(train.body, train.outputs)
    read = locals_in(body)
    # One field at least: its rows are counted.
    given = train.inputs(read) or train.inputs()[:1]
    fields = tuple(ir.ModelInput(*each) for each in given)
    return ir.PredictStep(tuple(train.instances), fields, body, tuple(train.outputs))


def _json(path: Path, name: str) -> Any:
    file = path / name
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(
            NO_NEW_ROWS,
            f"{file} cannot be read",
            help="RUN is the folder of a finished run, such as runs/digits/1",
        ) from error
