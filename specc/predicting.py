"""A finished run, opened again: its model, and what it says of new rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specc.analysis.errors_sections import NO_OUTPUTS
from specc.analysis.train_values import TrainSection
from specc.building import blueprint
from specc.codegen.load import load_source
from specc.codegen.predict import emit_predict
from specc.compiler import Request, check
from specc.components import Refusal
from specc.components.data import Schema
from specc.data.again import columns_of, invert, source_of
from specc.data.errors import NO_NEW_ROWS
from specc.data.plan import FieldPlan
from specc.diagnostics import Collector, Diagnostic, SpecError
from specc.ir import program as ir
from specc.ir.slicing import locals_in, needed_steps
from specc.planning import with_derived
from specc.types.dim import Dim
from specc.types.notation import parse_pattern
from specc.types.signature import Bindings, instantiate_pattern
from specc.types.tensor import TensorType

if TYPE_CHECKING:
    from torch import Tensor, nn

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

    def predict(self, path: Path) -> Iterator[dict[str, Any]]:
        """The outputs for every row of a file, by name; scalars as Python values, others as lists.

        Raises:
            Refusal: if the file or a row is wrong.
        """
        import torch

        from specc.training.feed import batches

        assert self.train.data is not None
        assert self.train.data.source is not None
        origin = source_of(self.train.data.source, path.name)
        assert self.train.data.schema is not None
        folder = path.resolve().parent
        columns = columns_of(self.fields, self.fitted, origin, self.train.data.schema, folder)
        tensors = {name: as_tensor(column) for name, column in columns.items()}
        names = tuple(each.name for each in self.step.fields)
        given = {name: with_derived(tensors, name) for name in names}
        predict = load_source(self.source).predict
        modules = self.modules()
        self.model.eval()
        with torch.no_grad():
            for batch in batches(given, ROWS_AT_ONCE):
                yield from self._rows(predict(*modules, *(batch[name] for name in names)))

    def modules(self) -> tuple[nn.Module, ...]:
        """What the emitted function is called with."""
        if len(self.step.instances) == 1:
            return (self.model,)
        return tuple(self.model.get_submodule(name) for name in self.step.instances)

    def _rows(self, outputs: Mapping[str, Tensor]) -> Iterator[dict[str, Any]]:
        """One mapping for each row of a batch."""
        found: dict[str, list[Any]] = {}
        for name, tensor in outputs.items():
            values: Any = tensor.cpu().numpy()
            inverse = self.train.outputs[name].inverse
            if inverse is not None:
                field = next(each for each in field_plans(self.train) if each.name == inverse)
                values = invert(field, self.fitted[inverse], values)
            found[name] = values.tolist()
        for row in zip(*found.values(), strict=True):
            yield dict(zip(found, row, strict=True))


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


def open_run(path: Path) -> OpenRun:
    """Compile the spec that a run keeps, and give its model the weights that are the result.

    Raises:
        SpecError: if the folder is no finished run, or its spec says no outputs.
        Refusal: if a file of it is damaged.
    """
    from specc.training import weights

    plan, fitted = _json(path, "plan.json"), _json(path, "fitted.json")
    found = Collector()
    known = {
        f"{plan['data']}.{field}.{name}": tuple(size) if isinstance(size, list) else size
        for field, sizes in plan["attributes"].items()
        for name, size in sizes.items()
    }
    schema = Schema({name: _type(text) for name, text in plan["columns"].items()})
    request = Request(
        str(path / plan["spec"]),
        plan["overrides"],
        known=known,
        schemas={plan["data"]: schema},
        folder=Path(plan["project"]),
        project=path,
    )
    compiled = check(request, found)
    found.stop_if_failed()
    train = compiled.sections.trains[plan["section"]]
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
    sizes = {
        f"{field}.{name}": size
        for field, found_sizes in plan["attributes"].items()
        for name, size in found_sizes.items()
        if isinstance(size, int)
    }
    fields = tuple(field for field in field_plans(train) if field.name in used)
    source = emit_predict(step, sizes, "The outputs of a run.")
    return OpenRun(train, model, fields, fitted, step, source)


def predict_step(train: TrainSection) -> ir.PredictStep:
    """The IR of what a train section gives for new rows."""
    body = needed_steps(train.body, train.outputs)
    read = locals_in(body)
    # One field at least: its rows are counted.
    given = train.inputs(read) or train.inputs()[:1]
    fields = tuple(ir.ModelInput(*each) for each in given)
    return ir.PredictStep(tuple(train.instances), fields, body, tuple(train.outputs))


def _type(text: str) -> TensorType:
    """A type as a plan has it; a ragged size is a name."""
    pattern = parse_pattern(text)
    return instantiate_pattern(pattern, Bindings(), Dim.named, lambda name, sizes: Dim.named(name))


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
