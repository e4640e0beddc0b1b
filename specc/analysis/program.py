"""A whole program: its files, constants and models, checked."""

from __future__ import annotations

from msgspec import Struct, field

from specc.analysis import parameters
from specc.analysis.body import Body
from specc.analysis.definitions import Binding, ModelDefinition
from specc.analysis.errors_names import DEFINED_TWICE
from specc.analysis.files import LoadedFile
from specc.analysis.frame import Context
from specc.analysis.models import Models
from specc.analysis.reading import nodes
from specc.analysis.unused import lint
from specc.analysis.values import POISON, Plain, Recipe, Value
from specc.analysis.variants import Variant
from specc.diagnostics import Label
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.poly import Facts
from specc.types.terms import Ref


class Checked(Struct, eq=False):
    """What the analysis of a program gives."""

    file: LoadedFile
    context: Context
    models: Models
    definitions: list[ModelDefinition] = field(default_factory=list)

    def variants_of(self, definition: ModelDefinition) -> list[Variant]:
        """The distinct uses of a model, in the order they were met."""
        return [v for v in self.models.variants.values() if v.definition is definition]


def check_models(file: LoadedFile, context: Context) -> Checked:
    """Evaluate constants and gather the models of a file and its imports."""
    models = Models(context)
    checked = Checked(file, context, models)
    context.budget.most += sum(len(each.source.text) for each in _files(file))
    done: set[int] = set()

    def visit(each: LoadedFile) -> None:
        if id(each) in done:
            return
        done.add(id(each))
        for imported in each.imports:
            visit(imported)
        _constants(each, context, models)
        checked.definitions += [
            binding.value.target
            for binding in each.scope.names.values()
            if isinstance(binding.value, Recipe)
            and isinstance(binding.value.target, ModelDefinition)
        ]

    visit(file)
    return checked


def _files(file: LoadedFile) -> list[LoadedFile]:
    """The file and all that it imports, each once."""
    found = {id(file): file}
    waiting = [file]
    while waiting:
        for each in waiting.pop().imports:
            if id(each) not in found:
                found[id(each)] = each
                waiting.append(each)
    return list(found.values())


def _constants(file: LoadedFile, context: Context, models: Models) -> None:
    frame = Body(context, file.scope, models, {}, {})
    for statement in file.constants:
        value: Value = POISON
        if statement.value is not None:
            value = frame.evaluate(statement.value)
        for target in statement.targets:
            before = file.scope.names.get(target.id)
            if before is not None:
                first, second = sorted((before.span, target.span), key=lambda span: span.start)
                frame.error(
                    DEFINED_TWICE,
                    f"`{target.id}` is defined twice in this file",
                    second,
                    "the second definition",
                    labels=(Label(first, "the first one"),),
                    help="give one of them another name",
                )
            else:
                file.scope.names[target.id] = Binding(value, target.span, "a constant")


def check_alone(checked: Checked) -> None:
    """Check every model that no other use has analysed, on its own and with free sizes."""
    used = _used(checked.definitions)
    order = [d for d in checked.definitions if d not in used]
    order += [d for d in checked.definitions if d in used]
    for definition in order:
        if checked.variants_of(definition):
            continue
        values = _free_parameters(checked, definition)
        if values is not None:
            checked.models.variant(definition, values, None, Facts(), None)
    if not checked.context.collector.failed:  # a line that was refused reads nothing
        for definition in checked.definitions:
            if definition.section.span.source is checked.file.source:
                lint(definition.section, checked.context.collector)


def _used(definitions: list[ModelDefinition]) -> set[ModelDefinition]:
    """Models that stand inside others: they are checked where they are used."""
    by_name = {d.name: d for d in definitions}
    return {
        by_name[node.id]
        for definition in definitions
        for node in nodes(definition.section.body)
        if isinstance(node, tree.Name) and node.id in by_name and by_name[node.id] is not definition
    }


def _free_parameters(checked: Checked, definition: ModelDefinition) -> dict[str, Value] | None:
    """Defaults where there are any, free sizes for whole numbers.

    ``None`` where another parameter has no default: such a model is checked where it is used.
    """
    frame = Body(checked.context, definition.scope, checked.models, {}, {})
    values: dict[str, Value] = {}
    for parameter in definition.section.parameters or ():
        name = parameter.name.id
        if parameter.default is not None:
            values[name] = parameters.default(frame, definition, parameter)
        elif parameter.type is not None and parameters.type_name(frame, parameter.type) == "int":
            values[name] = Plain(Dim.named(name), Ref(name))
        else:
            return None
    return values
