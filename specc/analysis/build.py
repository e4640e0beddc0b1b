"""From analysed models to the IR: variants that one class can serve become one class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce

from msgspec import Struct
from msgspec.structs import replace

from specc.analysis import parameters
from specc.analysis.definitions import ModelDefinition
from specc.analysis.evidence import Built, Evidence, Found, merge_evidence, place_sites
from specc.analysis.guards import guards
from specc.analysis.merge import ANY, Unmergeable, merge_steps, merge_types
from specc.analysis.program import Checked
from specc.analysis.values import plain_term
from specc.analysis.variants import Variant
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.ir.needs import needed_by_constructor
from specc.types.terms import Term


class Group(Struct):
    """Variants of one model that share a class."""

    key: str
    variants: list[Variant]
    steps: tuple[steps.Step, ...]
    evidence: list[Evidence]


class Builder:
    """Builds the classes of a program, inner models first."""

    def __init__(self, checked: Checked) -> None:
        self.variants = {v.key: v for v in checked.models.variants.values() if not v.failed}
        self.class_of: dict[str, str] = {}
        self.models: list[steps.Model] = []
        self.by_key: dict[str, steps.Model] = {}
        self.names: set[str] = set()
        self.done: set[int] = set()

    def build(self, definitions: Iterable[ModelDefinition]) -> steps.Program:
        """The program of these models and all that they use."""
        for definition in definitions:
            self.definition(definition)
        return steps.Program(tuple(self.models))

    def definition(self, definition: ModelDefinition) -> None:
        """The classes of one model."""
        if id(definition) in self.done:
            return
        self.done.add(id(definition))
        variants = [v for v in self.variants.values() if v.definition is definition]
        for inner in self._inner(variants):
            self.definition(inner)
        groups: list[Group] = []
        for variant in variants:
            self._join(groups, variant)
        for group in groups:
            model = self._model(definition, group)
            self.models.append(model)
            self.by_key[model.key] = model

    def _inner(self, variants: list[Variant]) -> list[ModelDefinition]:
        """The models that these use."""
        found: dict[int, ModelDefinition] = {}
        for variant in variants:
            for uses in variant.evidence.values():
                for _, construct in uses:
                    if isinstance(construct, ir.ModelConstruct):
                        used = self.variants[construct.model].definition
                        found[id(used)] = used
        return list(found.values())

    # --- grouping ------------------------------------------------------------------------------

    def _join(self, groups: list[Group], variant: Variant) -> None:
        """Put a variant into the first class that can serve it, or into a new one."""
        evidence = Evidence(
            self._resolved(variant.evidence),
            variant.loop_runs,
            variant.nesting,
            variant.snapshots,
            variant.unrolled,
        )
        for group in groups:
            if group.variants[0].demands != variant.demands:
                continue
            try:
                merged = merge_steps(group.steps, variant.steps)
                sites = merge_evidence([*group.evidence, evidence])
                placed = place_sites(merged, sites, variant.unrolled)
                if ANY.name in needed_by_constructor(placed):
                    raise Unmergeable("the constructor needs a size that differs")
            except Unmergeable:
                continue
            group.steps = merged
            group.variants.append(variant)
            group.evidence.append(evidence)
            self.class_of[variant.key] = group.key
            return
        key = variant.key if groups else variant.definition.key
        groups.append(Group(key, [variant], variant.steps, [evidence]))
        self.class_of[variant.key] = key

    def _resolved(self, built: Mapping[str, Found]) -> dict[str, Found]:
        """Evidence that speaks of classes, with no more dims than their constructors take."""

        def resolve(construct: Built) -> Built:
            if isinstance(construct, ir.Construct):
                return construct
            model = self.by_key[self.class_of[construct.model]]
            dims = tuple(pair for pair in construct.dims if pair[0] in model.dim_names)
            return replace(construct, model=model.key, dims=dims)

        return {
            name: [(path, resolve(construct)) for path, construct in found]
            for name, found in built.items()
        }

    # --- classes -------------------------------------------------------------------------------

    def _model(self, definition: ModelDefinition, group: Group) -> steps.Model:
        first = group.variants[0]
        sites = merge_evidence(group.evidence)
        unrolled = frozenset().union(*(v.unrolled for v in group.variants))
        body = place_sites(group.steps, sites, unrolled)
        body = (*guards([*group.evidence[0].written_out(), *first.demands]), *body)
        dims: dict[str, None] = {}
        for variant in group.variants:
            dims |= dict.fromkeys(variant.dims)
        reaching = needed_by_constructor(body)
        return steps.Model(
            key=group.key,
            name=self._class_name(definition.name),
            doc=definition.section.doc,
            parameters=self._parameters(definition, first),
            dim_names=tuple(name for name in dims if name in reaching),
            inputs=tuple(
                steps.ModelInput(name, str(type_.element), tuple(dim.term for dim in type_.dims))
                for name, type_ in first.inputs.items()
            ),
            body=body,
            outputs=tuple(first.outputs),
            output_types=reduce(merge_types, map(_output_types, group.variants)),
        )

    def _class_name(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self.names:
            number += 1
            name = f"{wanted}{number}"
        self.names.add(name)
        return name

    def _parameters(
        self, definition: ModelDefinition, variant: Variant
    ) -> tuple[steps.ModelParameter, ...]:
        found: list[steps.ModelParameter] = []
        for parameter in definition.section.parameters or ():
            name = parameter.name.id
            value = variant.parameters[name]
            if parameter.type is None or plain_term(value) is None:
                continue  # a component is not a value of the constructor: it shapes the class
            default: Term | None = None
            if parameter.default is not None:
                given = variant.defaults.get(name)
                default = parameters.constant(given) if given is not None else None
            found.append(
                steps.ModelParameter(
                    name, parameter.type.span.text, default, parameter.default is None
                )
            )
        return tuple(found)


def _output_types(variant: Variant) -> tuple[steps.ShownType, ...]:
    return tuple(
        steps.ShownType(str(t.element), tuple(dim.term for dim in t.dims))
        for t in variant.outputs.values()
    )
