"""``export`` sections: in which forms the trained model leaves, and for which sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from specc.analysis import errors_export as errors
from specc.analysis.body import Body
from specc.analysis.definitions import FileScope
from specc.analysis.errors_names import DEFINED_TWICE
from specc.analysis.frame import Context
from specc.analysis.models import Models
from specc.analysis.pipes import configured
from specc.analysis.settings import configure
from specc.analysis.train_values import TrainSection
from specc.analysis.values import Plain, Poison, Recipe, Value, describe
from specc.analysis.variants import Variant
from specc.components import Backend
from specc.diagnostics import Code, Collector, Diagnostic, Label, Span
from specc.diagnostics.suggest import did_you_mean
from specc.registry import Entry
from specc.syntax import tree
from specc.types.poly import Facts, Poly

SETTINGS = ("to", "tolerance")
BATCH = "B"
"""The size of a batch as a train section knows it."""

USUAL_BATCHES = (1, 64)
"""The range of the batch where nothing is said."""

LARGEST = 2**31 - 1


class Target(Struct, frozen=True):
    """A backend with its settings, and who supplies it."""

    entry: Entry
    backend: Backend
    span: Span


class SizeRange(Struct, frozen=True):
    """``dynamic name = least..greatest``; ``span`` is ``None`` where nothing was said."""

    least: int
    greatest: int
    span: Span | None


class ExportSection(Struct, eq=False):
    """An export section, checked."""

    name: str
    section: tree.Section
    targets: list[Target] = field(default_factory=list)
    ranges: dict[str, SizeRange] = field(default_factory=dict)
    tolerance: float | None = None


class ExportBody(Body):
    """The body of an export section."""

    statement_kinds: Sequence[str] = ("dynamic",)
    kinds: Sequence[str] = ()
    recipe_kinds: Sequence[str] = ("backend",)

    def __init__(
        self, context: Context, scope: FileScope, models: Models, export: ExportSection
    ) -> None:
        super().__init__(context, scope, models, {}, {})
        self.export = export
        self.said: dict[str, Span] = {}
        self.complete = True

    # --- settings ------------------------------------------------------------------------------

    def assign(self, node: tree.Assign) -> None:
        if len(node.targets) != 1 or node.value is None:
            self.misplaced(node.span, "a setting has one name and a value")
            return
        (target,) = node.targets
        if target.id in self.said:
            self.error(
                DEFINED_TWICE,
                f"`{target.id}` is set twice",
                target.span,
                "again",
                labels=(Label(self.said[target.id], "the first one"),),
            )
            return
        self.said[target.id] = node.span
        match target.id:
            case "to":
                self.set_to(node.value)
            case "tolerance":
                self.set_tolerance(node.value)
            case _:
                listed = ", ".join(f"`{each}`" for each in SETTINGS)
                self.error(
                    errors.NOT_AN_EXPORT_SETTING,
                    f"an export section has no setting `{target.id}`",
                    target.span,
                    "not a setting",
                    help=did_you_mean(target.id, SETTINGS)
                    or f"it has {listed}, and lines such as `dynamic B = 1..64`",
                )

    def set_to(self, node: tree.Expr) -> None:
        items = node.items if isinstance(node, tree.ListExpr) else (node,)
        seen: dict[str, Span] = {}
        for item in items:
            target = self.target(item)
            if target is None:
                self.complete = False
            elif (first := seen.get(target.entry.qualified)) is not None:
                self.error(
                    errors.NOT_A_BACKEND,
                    f"`{target.entry.name}` is listed twice",
                    item.span,
                    "again",
                    labels=(Label(first, "the first one"),),
                    help="other settings need a section of their own: `export Fast { ... }`",
                )
            else:
                seen[target.entry.qualified] = item.span
                self.export.targets.append(target)

    def target(self, node: tree.Expr) -> Target | None:
        """A backend, configured."""
        callee = node.func if isinstance(node, tree.Call) else node
        registry = self.context.registry
        if (
            isinstance(callee, tree.Name)
            and self.find(callee.id) is None
            and registry.find(callee.id, ("backend",), callee.span) is None
        ):
            known = registry.names(("backend",))
            self.error(
                errors.NOT_A_BACKEND,
                f"there is no backend `{callee.id}`",
                callee.span,
                "unknown",
                help=did_you_mean(callee.id, known)
                or f"there is {', '.join(f'`{each}`' for each in known)}; "
                f"one of a plugin needs its name at the top: `use {callee.id}`",
            )
            return None
        value = configured(node, self) if isinstance(node, tree.Call) else self.evaluate(node)
        if isinstance(value, Recipe) and isinstance(value.target, Entry):
            cls = value.target.load(value.span)
            if issubclass(cls, Backend):
                found = configure(self, cls, value, value.span)
                if found is None:
                    return None
                assert isinstance(found.component, Backend)
                return Target(value.target, found.component, node.span)
        if not isinstance(value, Poison):
            said = getattr(value, "value", None)
            self.error(
                errors.NOT_A_BACKEND,
                f"`to` takes backends, not {describe(value)}",
                node.span,
                "not a backend",
                help=f"without quotes: `to = [{said}]`"
                if isinstance(said, str)
                else "such as `to = [pt2]`",
            )
        return None

    def set_tolerance(self, node: tree.Expr) -> None:
        value = self.evaluate(node)
        if isinstance(value, Poison):
            return
        number = value.value if isinstance(value, Plain) else None
        if isinstance(number, (int, float)) and not isinstance(number, bool) and 0 < number < 1:
            self.export.tolerance = float(number)
            return
        self.error(
            errors.NOT_AN_EXPORT_SETTING,
            "`tolerance` is a number between 0 and 1",
            node.span,
            f"this is {describe(value)}",
            help="such as `tolerance = 1e-3`; without it the type of each output decides",
        )

    # --- sizes ---------------------------------------------------------------------------------

    def on_dynamic(self, node: tree.Assign) -> None:
        """``dynamic B = 1..64``."""
        if len(node.targets) != 1 or node.value is None or node.type is not None:
            self.misplaced(node.span, "`dynamic` gives one size a range: `dynamic B = 1..64`")
            return
        (target,) = node.targets
        name = target.id
        if (first := self.export.ranges.get(name)) is not None:
            assert first.span is not None
            self.error(
                DEFINED_TWICE,
                f"`{name}` has two ranges",
                node.span,
                "the second one",
                labels=(Label(first.span, "the first one"),),
            )
            return
        found = self.range(name, node.value)
        if found is None:
            self.complete = False
            return
        self.export.ranges[name] = SizeRange(*found, node.span)

    def range(self, name: str, node: tree.Expr) -> tuple[int, int] | None:
        ends = (node.low, node.high) if isinstance(node, tree.Range) else (node,)
        values = [self.evaluate(end) for end in ends]
        if any(isinstance(value, Poison) for value in values):
            return None
        numbers = [_whole(value) for value in values]
        if len(numbers) == 1 or None in numbers:
            only = numbers[0] if len(numbers) == 1 else None
            self.error(
                errors.BAD_RANGE,
                f"`{name}` needs a range of whole numbers",
                node.span,
                "not a range",
                help=f"such as `dynamic {name} = {only or 1}..{only or 64}`",
            )
            return None
        least, greatest = numbers
        assert least is not None
        assert greatest is not None
        if least < 1 or greatest > LARGEST:
            wrong = "starts below 1" if least < 1 else f"ends above {LARGEST:,}"
            self.error(errors.BAD_RANGE, f"the range of `{name}` {wrong}", node.span, "no size")
            return None
        if greatest < least:
            self.error(
                errors.BAD_RANGE,
                f"the range of `{name}` is empty",
                node.span,
                f"{greatest} is less than {least}",
                help=f"the least size stands first: `dynamic {name} = {greatest}..{least}`",
            )
            return None
        return least, greatest


def check_export(
    section: tree.Section,
    scope: FileScope,
    context: Context,
    models: Models,
    trains: Iterable[TrainSection],
) -> ExportSection:
    """Check an export section against the models that the file trains."""
    name = section.name.id if section.name is not None else section.word.id
    export = ExportSection(name, section)
    body = ExportBody(context, scope, models, export)
    body.run(section.body)
    if "to" not in body.said and not context.broken.mentions("to"):
        body.error(
            errors.NO_TARGET,
            f"`{name}` does not say in which form",
            section.head,
            "`to` is missing",
            help="such as `to = [pt2]`",
        )
    trains = list(trains)
    if not trains:
        body.error(
            errors.NOTHING_TRAINED,
            "there is no train section whose model could be exported",
            section.head,
            help="write `train { ... }` in this file",
        )
    if body.complete:
        for train in trains:
            variant = None if train.model is None else train.model.variant
            if variant is not None and not variant.failed:
                sizes(export.ranges, variant, section.head, context.collector)
    return export


def sizes(
    said: Mapping[str, SizeRange], variant: Variant, place: Span | None, found: Collector
) -> dict[str, SizeRange]:
    """The range of every free size of a model's inputs; mistakes are reported.

    A size that is known needs none, the batch has a usual one.
    """
    for name, given in said.items():
        if name not in variant.dims:
            known = [each for each, (_, _, dim) in variant.dims.items() if dim.known is None]
            listed = ", ".join(f"`{each}`" for each in known)
            _report(
                found,
                errors.NOT_DYNAMIC,
                f"no input of `{variant.definition.name}` has a size `{name}`",
                given.span,
                "unknown",
                did_you_mean(name, known) or (f"there is {listed}" if known else None),
            )
        elif (size := variant.dims[name][2].known) is not None and (
            given.least != size or given.greatest != size
        ):
            _report(
                found,
                errors.NOT_DYNAMIC,
                f"`{name}` of `{variant.definition.name}` is {size}, always",
                given.span,
                "not free",
                "remove the line: the data or a parameter settles it",
            )
    ranges: dict[str, SizeRange] = {}
    facts = Facts()
    for name, (_, axis, dim) in variant.dims.items():
        if dim.known is not None:
            continue
        usual = SizeRange(*USUAL_BATCHES, None) if dim.poly == Poly.var(BATCH) else None
        given_range = said.get(name, usual)
        if given_range is None:
            _report(
                found,
                errors.NO_RANGE,
                f"`{name}` differs from call to call and has no range",
                place,
                f"axis {axis} of `{variant.dims[name][0]}`",
                f"such as `dynamic {name} = 1..128`, or `dynamic {name} = 50..50` to fix it",
            )
            continue
        ranges[name] = given_range
        facts = facts.with_at_least(dim.poly, given_range.least)
        facts = facts.with_at_least(Poly.const(given_range.greatest) - dim.poly, 0)
    _discharge(variant, ranges, facts, place, found)
    return ranges


def _discharge(
    variant: Variant,
    ranges: Mapping[str, SizeRange],
    facts: Facts,
    place: Span | None,
    found: Collector,
) -> None:
    """Report what the model demands of its sizes and some size of the ranges does not have."""
    names = {str(variant.dims[name][2].poly): name for name in ranges}
    for condition, needed_by in variant.preconditions:
        variables = condition.size.poly.variables
        if not variables or not variables <= names.keys():
            continue
        if facts.at_least(condition.size.poly, condition.least):
            continue
        blamed = [names[each] for each in sorted(variables)]
        span = next((ranges[each].span for each in blamed if ranges[each].span), place)
        _report(
            found,
            errors.TOO_SMALL_IN_RANGE,
            condition.why,
            span,
            "not so for every size of the range",
            f"narrow the range of `{blamed[0]}`",
            (Label(needed_by, "needed here"),),
        )


def _report(
    found: Collector,
    code: Code,
    message: str,
    span: Span | None,
    label: str,
    help: str | None,
    labels: tuple[Label, ...] = (),
) -> None:
    found.report(Diagnostic(code, message, span, label, labels=labels, help=help))


def _whole(value: Value) -> int | None:
    if not isinstance(value, Plain) or not value.is_size:
        return None
    return value.dim().known
