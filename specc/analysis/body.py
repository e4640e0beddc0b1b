"""The statements of a model or a train section, run over types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from specc.analysis import annotations, loops
from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_names as naming
from specc.analysis import errors_values as errors
from specc.analysis.apply import Applied, apply_component, not_a_tensor, result_value
from specc.analysis.definitions import Binding, FileScope, nodes
from specc.analysis.evaluate import condition, configured, evaluate, stage_target, undecided
from specc.analysis.facts import learn
from specc.analysis.frame import Context, Frame, Inputs
from specc.analysis.values import (
    POISON,
    Instance,
    ListValue,
    Part,
    Plain,
    Poison,
    Recipe,
    RecordValue,
    TensorValue,
    Undecided,
    Value,
    describe,
    is_tensor,
    plain_term,
    tensor_of,
)
from specc.components import Layer, TensorComponent
from specc.components.site import Precondition
from specc.diagnostics import Collector, Diagnostic, Label, Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.registry import Entry
from specc.syntax import tree
from specc.types import signature as notation
from specc.types.dim import Dim
from specc.types.limits import TooComplex
from specc.types.tensor import TensorType
from specc.types.terms import Const, Ref, Term, show, substitute

if TYPE_CHECKING:
    from specc.analysis.models import Models

Evidence = dict[str, list[tuple[tuple[int, ...], ir.Construct | ir.ModelConstruct]]]


@dataclass(frozen=True, slots=True)
class LayerUse:
    """One application: where it stands, what it is, and what it gives.

    ``attribute`` names the submodule, if there is one; ``path`` the iteration of each loop around
    it. ``variant`` is the key of an applied model's analysis.
    """

    attribute: str | None
    path: tuple[int, ...]
    component: str
    outputs: tuple[TensorType, ...]
    variant: str | None = None


class Body(Frame):
    """Runs statements, gathers the steps of the IR and what each submodule was built from."""

    kinds: Sequence[str] = ("layer",)
    recipe_kinds: Sequence[str] = ("layer",)
    statement_kinds: Sequence[str] = ("input", "output", "shared")

    def __init__(
        self,
        context: Context,
        scope: FileScope,
        models: Models,
        attributes: Mapping[int, str],
        loop_names: Mapping[int, str],
    ) -> None:
        super().__init__(context, scope)
        self.models = models
        self.attributes = attributes
        self.loop_names = loop_names
        self.steps: list[steps.Step] = []
        self.evidence: Evidence = {}
        self.path: tuple[int, ...] = ()
        self.copies = 1
        """How often the current place is repeated by the loops around it."""
        self.submodules = 0
        self.outputs: dict[str, TensorValue] = {}
        self.lost_output = False
        """True where an output was written that is not a tensor, which was reported."""
        self.preconditions: list[tuple[Precondition, Span]] = []
        self.open = False
        """True where the model is checked on its own, with free parameters."""
        self.definitions: dict[str, Term] = {}
        """What the local plain names and dim names stand for."""
        self.pending: list[steps.Step] = []
        self.layers: list[LayerUse] = []
        """Every application in order, for those who want to see the model as a table."""
        self.unrolled: set[str] = set()
        """Submodules of loops that are emitted iteration by iteration."""

    # --- statements ----------------------------------------------------------------------------

    def run(self, body: Sequence[tree.Statement]) -> None:
        """Run statements in order."""
        for statement in body:
            self.context.budget.spend(statement.span)
            try:
                self.statement(statement)
            except TooComplex as reason:
                self.too_complex(reason, statement.span)

    def statement(self, node: tree.Statement) -> None:
        match node:
            case tree.Assign(kind=None):
                self.assign(node)
            case tree.Assign(kind=tree.Name(id=kind)) if kind in self.statement_kinds:
                getattr(self, f"on_{kind}")(node)
            case tree.Assign(kind=tree.Name() as kind):
                self.wrong_kind(kind)
                for target in node.targets:  # uses of it are not mistakes of their own
                    self.names.setdefault(target.id, Binding(POISON, target.span))
            case tree.If():
                self.decide(node.branches, node.otherwise)
            case tree.For() | tree.Repeat():
                loops.run(self, node)
            case tree.Assert():
                self.claim(node)
            case tree.Section():
                self.misplaced(node.word.span, "a section stands at the top of a file")
            case tree.Scan():
                self.misplaced(node.span, "`scan` is not supported yet")
            case _:
                self.misplaced(node.span, "this stands at the top of a file")

    def wrong_kind(self, kind: tree.Name) -> None:
        listed = ", ".join(f"`{each}`" for each in self.statement_kinds)
        home = naming.HOMES.get(kind.id)
        self.error(
            naming.UNKNOWN_STATEMENT,
            f"`{kind.id}` stands in {home}"
            if home
            else f"`{kind.id}` is no kind of statement here",
            kind.span,
            "not here" if home else "unknown",
            help=(None if home else did_you_mean(kind.id, self.statement_kinds))
            or f"here stand {listed}",
        )

    def misplaced(self, span: Span, message: str) -> None:
        self.error(naming.UNKNOWN_STATEMENT, message, span, "does not stand here")

    # --- binding -------------------------------------------------------------------------------

    def assign(self, node: tree.Assign) -> None:
        """``a = value``, ``a, b = value``, ``a: type = value``."""
        if node.value is None:
            self.misplaced(node.span, "only an `input` is declared without a value")
            return
        value = evaluate(node.value, self)
        if len(node.targets) > 1:
            self.unpack(node, value)
            return
        self.bind_value(node.targets[0], self.annotated(node, value))

    def annotated(self, node: tree.Assign, value: Value) -> Value:
        """The value checked against the type after the colon; binds the dims it names."""
        if node.type is None or isinstance(value, Poison):
            return value
        return annotations.check(self, node.type, value, node)

    def bind_value(self, target: tree.Name, value: Value, fixed: str = "") -> None:
        """Bind a name and emit the step that computes it."""
        self.forget(target.id)
        if isinstance(value, RecordValue):
            value = self.bind_record(target.id, value)
        elif isinstance(value, TensorValue):
            self.let((target.id,), value.expr, (value.type,))
            value = replace(value, expr=ir.Local(target.id))
        elif isinstance(value, ListValue) and value.expr is not None:
            self.let((target.id,), value.expr, ())
            value = ListValue(value.items, None, ir.Local(target.id))
        elif isinstance(value, (Plain, ListValue)):
            value = self.bind_plain(target.id, value)
        self.bind(target, value, fixed)
        self.steps += self.pending
        self.pending = []

    def named_axes(self, target: str, named: Sequence[tuple[str, int, Dim]], rank: int) -> None:
        """The names that an annotation gives to axes; emitted after the value is bound."""
        for name, _, dim in named:
            self.definitions[name] = dim.term
        if named:
            axes = tuple((name, axis, dim.term) for name, axis, dim in named)
            self.pending.append(steps.NameDims(target, axes, rank))

    def bind_plain(self, name: str, value: Plain | ListValue) -> Value:
        """A plain value is computed where it is bound, and referred to by name after that."""
        term = plain_term(value)
        if term is None:
            return value
        self.steps.append(steps.Bind(name, term))
        self.definitions[name] = term
        if isinstance(value, ListValue):
            return replace(value, term=Ref(name))
        if isinstance(value.value, Dim):
            return Plain(Dim(value.value.poly, Ref(name)), Ref(name))
        return replace(value, term=Ref(name))

    def bind_record(self, name: str, value: RecordValue) -> RecordValue:
        """Keep the call that the fields share in one local, so that it is made once."""
        exprs = [field.expr for field in value.fields.values()]
        calls = [
            node
            for node in ir.walk(exprs[0])
            if isinstance(node, ir.Apply) and all(node in list(ir.walk(e)) for e in exprs[1:])
        ]
        if not calls:
            return value
        self.let((name,), calls[0], ())
        local = ir.Local(name)
        fields = {
            key: replace(field, expr=ir.replaced(field.expr, calls[0], local))
            for key, field in value.fields.items()
        }
        return RecordValue(fields, local)

    def forget(self, name: str) -> None:
        """A plain name gets a new value: sizes written with it keep the old one."""
        before = self.names.get(name)
        if before is None or not isinstance(before.value, Plain):
            return
        old = before.value.value
        if isinstance(old, int) and not isinstance(old, bool):
            mapping: dict[str, Term] = {name: Const(old)}
            for key, binding in list(self.names.items()):
                changed = map_value_terms(binding.value, lambda t: substitute(t, mapping))
                if changed is not binding.value and key != name:
                    self.names[key] = replace(binding, value=changed)

    def unpack(self, node: tree.Assign, value: Value) -> None:
        """``a, b = value``."""
        if isinstance(value, Poison):
            for target in node.targets:
                self.bind(target, POISON)
            return
        items = value.items if isinstance(value, ListValue) else None
        if items is None or len(items) != len(node.targets):
            got = f"{len(items)} values" if items is not None else describe(value)
            assert node.value is not None
            self.error(
                errors.BAD_UNPACK,
                f"{len(node.targets)} names for {got}",
                node.targets[0].span.to(node.targets[-1].span),
                f"{len(node.targets)} names",
                labels=(Label(node.value.span, got),),
                help="fields of a record are read by name: "
                + ", ".join(f"`r.{name}`" for name in value.fields)
                if isinstance(value, RecordValue)
                else "write as many names as there are values; `_` for one that is not needed"
                if items is not None
                else "only lists are unpacked, such as the result of `chunk` or `split`",
            )
            for target in node.targets:
                self.bind(target, POISON)
            return
        assert isinstance(value, ListValue)
        if value.expr is None:
            for target, item in zip(node.targets, items, strict=True):
                self.bind_value(target, item)
            return
        tensors = [tensor_of(item) for item in items]
        names_ = tuple(target.id for target in node.targets)
        self.let(names_, value.expr, tuple(tensor.type for tensor in tensors))
        for target, tensor in zip(node.targets, tensors, strict=True):
            self.bind(target, TensorValue(tensor.type, ir.Local(target.id)))

    def let(self, targets: tuple[str, ...], expr: ir.Expr, types: tuple[TensorType, ...]) -> None:
        """Emit ``targets = expr``."""
        shown = tuple(
            steps.ShownType(_element(type_), tuple(dim.term for dim in type_.dims))
            for type_ in types
        )
        self.steps.append(steps.Let(targets, expr, (), shown))

    def hoist(self, expr: ir.Expr, node: tree.Node, suffix: str) -> ir.Expr:
        """An expression that is used more than once, computed once into a local."""
        if isinstance(expr, (ir.Local, ir.Submodule, ir.Plain)):
            return expr
        name = f"{self.attributes.get(id(node), 'value')}_{suffix}"
        self.let((name,), expr, ())
        return ir.Local(name)

    def on_shared(self, node: tree.Assign) -> None:
        """``shared name = recipe``: one instance, whatever the number of uses."""
        (target, *more) = node.targets
        if more or node.value is None:
            self.misplaced(node.span, "`shared` binds one name to one component")
            return
        match node.value:
            case tree.Call():
                value = configured(node.value, self)
            case _:
                value = stage_target(node.value, self)
        if isinstance(value, Recipe):
            self.steps.append(steps.Declare(steps.Site(target.id, (), False)))
            self.bind(target, Instance(target.id, value, target.span), "a shared instance")
        elif isinstance(value, (Instance, Poison)):
            self.bind(target, value, "a shared instance")
        else:
            self.error(
                meaning.NOT_APPLICABLE,
                f"`shared` takes a component or a model, not {describe(value)}",
                node.value.span,
                "not a component",
                help="a tensor can be used any number of times without `shared`"
                if is_tensor(value)
                else None,
            )
            self.bind(target, POISON)

    def on_output(self, node: tree.Assign) -> None:
        """``output name = tensor``."""
        if node.value is None:
            self.misplaced(node.span, "an `output` needs a value")
            return
        target = node.targets[0]
        value = self.annotated(node, evaluate(node.value, self))
        if not is_tensor(value):
            self.lost_output = True
            not_a_tensor(self, value, node.value.span, "output")
            self.bind(target, POISON)
            return
        tensor = tensor_of(value)
        if target.id in self.outputs:
            self.error(
                naming.DEFINED_TWICE,
                f"there are two outputs `{target.id}`",
                target.span,
                "the second one",
                labels=(Label(self.names[target.id].span, "the first one"),),
                help="give each its own name",
            )
            return
        self.bind_value(target, tensor)
        self.outputs[target.id] = TensorValue(tensor.type, ir.Local(target.id))

    # --- conditions ----------------------------------------------------------------------------

    def decide(
        self,
        branches: tuple[tree.Branch, ...],
        otherwise: tuple[tree.Statement, ...] | None,
    ) -> None:
        """An `if` chain: the branch that is taken, kept with its condition."""
        branch, *rest = branches
        decided = condition(branch.condition, self)
        if decided is None:
            return
        truth, written = decided
        if isinstance(truth, Undecided):
            if not self.open:
                undecided(self, branch.condition)
                return
            self.both(branch, tuple(rest), otherwise, written.term)
            return
        if truth:
            then = self.gather(lambda: self.run(branch.body))
            self.steps.append(steps.Decide(written.term, then, None))
            return
        other = self.gather(lambda: self.alternative(tuple(rest), otherwise))
        self.steps.append(steps.Decide(written.term, None, other))

    def alternative(
        self, rest: tuple[tree.Branch, ...], otherwise: tuple[tree.Statement, ...] | None
    ) -> None:
        if rest:
            self.decide(rest, otherwise)
        elif otherwise:
            self.run(otherwise)

    def both(
        self,
        branch: tree.Branch,
        rest: tuple[tree.Branch, ...],
        otherwise: tuple[tree.Statement, ...] | None,
        term: Term,
    ) -> None:
        """Run both sides of an open condition; a name keeps its value where both agree."""
        before = dict(self.names)
        then = self.gather(lambda: self.run(branch.body))
        after_then, self.names = self.names, before
        other = self.gather(lambda: self.alternative(rest, otherwise))
        for name, binding in after_then.items():
            here = self.names.get(name)
            if here is None or state_key(here.value) != state_key(binding.value):
                self.names[name] = replace(binding, value=POISON)
        for name in self.names.keys() - after_then.keys():
            self.names[name] = replace(self.names[name], value=POISON)
        self.steps.append(steps.Decide(term, then, other))

    def gather(self, run: Callable[[], None]) -> tuple[steps.Step, ...]:
        """The steps that ``run`` emits, taken out of the current list."""
        outer, self.steps = self.steps, []
        try:
            run()
            return tuple(self.steps)
        finally:
            self.steps = outer

    def claim(self, node: tree.Assert) -> None:
        """``assert``: decided where it can be, else a condition on the inputs."""
        decided = condition(node.condition, self)
        if decided is None:
            return
        truth, _ = decided
        if isinstance(truth, Undecided):
            self.facts = learn(self, node.condition)
            return
        if not truth:
            self.error(
                errors.ASSERTION_FAILED,
                node.message.value if node.message else "the assertion does not hold",
                node.condition.span,
                "is false",
                labels=self.blame(),
                help=self.sizes_in(node.condition),
            )
            self.abandon()

    def abandon(self) -> None:
        """What follows a failed assertion relies on it."""

    def sizes_in(self, node: tree.Expr) -> str | None:
        """The values of the names in a condition, for a message."""
        found: dict[str, str] = {}
        for name in nodes(node):
            if isinstance(name, tree.Name) and name.id not in found:
                binding = self.find(name.id)
                if binding is not None and isinstance(binding.value, Plain):
                    value = binding.value.value
                    found[name.id] = str(value)
        return "here " + ", ".join(f"{k} = {v}" for k, v in found.items()) if found else None

    def blame(self) -> tuple:  # type: ignore[type-arg]
        """Where the body was applied from, as labels."""
        return ()

    # --- application ---------------------------------------------------------------------------

    def takes_no_tensors(self, recipe: Recipe) -> bool:
        if not isinstance(recipe.target, Entry):
            return False
        cls = recipe.target.load(recipe.span)
        if not issubclass(cls, TensorComponent) or cls.many_inputs or cls.takes_module:
            return False
        if recipe.target.kind not in self.kinds:
            return False
        return not notation.parse(cls.signature).inputs

    def apply(self, target: Value, inputs: Inputs, node: tree.Node, place: Span) -> Value:
        if isinstance(target, Instance):
            return self.apply_recipe(target.recipe, inputs, node, place, target)
        if isinstance(target, Recipe):
            return self.apply_recipe(target, inputs, node, place, None)
        return self.error(
            meaning.NOT_APPLICABLE,
            f"{describe(target)} cannot be applied",
            place,
            "not a component",
        )

    def apply_recipe(
        self,
        recipe: Recipe,
        inputs: Inputs,
        node: tree.Node,
        place: Span,
        instance: Instance | None,
    ) -> Value:
        attribute = instance.name if instance else self.attributes.get(id(node), "layer")
        if not isinstance(recipe.target, Entry):
            return self.models.apply(self, recipe, inputs, attribute, place, instance)
        applied = apply_component(self, recipe.target, recipe, inputs, place)
        if applied is None:
            return POISON
        applied = self.evaluated_once(applied, node)
        if instance is not None:
            instance.applied = applied
        other = self.result_of(applied, place)
        if other is not None:
            return other
        exprs = applied.lowered
        if isinstance(exprs, Mapping):
            shared: dict[ir.Construct, str] = {}
            placed: ir.Expr | Mapping[str, ir.Expr] = {
                name: self.place(expr, attribute, instance, place, shared)
                for name, expr in exprs.items()
            }
        else:
            placed = self.place(exprs, attribute, instance, place, {})
        if isinstance(applied.component, Layer) and applied.component.needs_batch:
            self.needs_batch(place)
        outputs = applied.outputs
        types = outputs if isinstance(outputs, tuple) else tuple(outputs.values())
        owns = attribute in self.evidence
        self.layers.append(LayerUse(attribute if owns else None, self.path, recipe.written, types))
        return result_value(applied, placed)

    def result_of(self, applied: Applied, place: Span) -> Value | None:
        """A result that is no tensor, where the section has such; ``None`` in models."""
        return None

    def needs_batch(self, place: Span) -> None:
        """Note that something here cannot train on a batch of one."""

    def evaluated_once(self, applied: Applied, node: tree.Node) -> Applied:
        """Inputs that a lowering uses more than once are computed once, before it."""
        site = applied.site
        exprs = (
            tuple(applied.lowered.values())
            if isinstance(applied.lowered, Mapping)
            else (applied.lowered,)
        )
        # The fields of a record share their call, which is made once: count inside one field.
        most = {
            name: max(sum(1 for n in ir.walk(e) if n is expr or n == expr) for e in exprs)
            for name, expr in site.expressions.items()
            if not isinstance(expr, (ir.Local, ir.Submodule, ir.Plain))
        }
        repeated = {name for name, count in most.items() if count > 1}
        if not repeated:
            return applied
        expressions = {
            name: self.hoist(expr, node, f"input_{name}" if name.isdigit() else name)
            if name in repeated
            else expr
            for name, expr in site.expressions.items()
        }
        site = replace(site, expressions=expressions)
        lowered = applied.component.lower(site)
        if isinstance(lowered, ir.Construct):
            lowered = site.call(lowered)
        return replace(applied, lowered=lowered, site=site)

    def place(
        self,
        expr: ir.Expr,
        attribute: str,
        instance: Instance | None,
        place: Span,
        taken: dict[ir.Construct, str],
    ) -> ir.Expr:
        """Give every construct in a lowering its place among the submodules."""
        builds = [n for n in ir.walk(expr) if isinstance(n, ir.Build)]
        for build in builds:
            name = taken.get(build.construct)
            if name is None:
                name = attribute if not taken else f"{attribute}_{len(taken) + 1}"
                taken[build.construct] = name
                if instance is None:
                    self.register(name, build.construct, place)
                else:
                    self.register_shared(instance, build.construct, place)
            expr = ir.replaced(expr, build, self.submodule(name, instance))
        return expr

    def submodule(self, name: str, instance: Instance | None) -> ir.Expr:
        """How a submodule is referred to in this body."""
        return ir.Submodule(name)

    def register(
        self, name: str, construct: ir.Construct | ir.ModelConstruct, place: Span, inner: int = 1
    ) -> None:
        """Note what a submodule is built from, here in this iteration."""
        self.submodules += self.copies * inner
        loops.check_submodules(self, place)
        self.evidence.setdefault(name, []).append((self.path, construct))

    def register_shared(
        self,
        instance: Instance,
        construct: ir.Construct | ir.ModelConstruct,
        place: Span,
        inner: int = 1,
    ) -> None:
        """The first use of a shared instance fixes what it is built from."""
        if instance.built is None:
            instance.built = construct
            instance.first = place
            self.submodules += inner
            self.evidence.setdefault(instance.name, []).append((instance.path, construct))
        elif instance.built != construct:
            differing = _differing(instance.built, construct)
            labels = () if instance.first is None else (Label(instance.first, "its first use"),)
            self.error(
                meaning.SHARED_DIFFERS,
                f"`{instance.name}` is shared and cannot have two sizes"
                + (f": {differing}" if differing else ""),
                place,
                "does not fit the weights it has",
                labels=labels,
                help="bring the tensor to the size of the first use, "
                "or apply a component of its own here",
            )

    # --- members -------------------------------------------------------------------------------

    def member(self, part: Part, name: tree.Name) -> Value:
        """``shared.weight`` or ``model.head``."""
        instance = part.instance
        target = instance.recipe.target
        if isinstance(target, Entry) and not part.path:
            cls = target.load(name.span)
            weights = cls.weights if issubclass(cls, Layer) else {}
            if name.id in weights:
                return self.weight(instance, name, weights[name.id])
            return self.error(
                naming.NO_MEMBER,
                f"`{instance.name}` has no tensor `{name.id}`",
                name.span,
                "not found",
                help=did_you_mean(name.id, weights)
                or (f"it has {', '.join(f'`{w}`' for w in weights)}" if weights else None),
            )
        return self.models.member(self, part, name)

    def weight(self, instance: Instance, name: tree.Name, pattern: str) -> Value:
        """A tensor of a shared component."""
        applied = instance.applied
        if applied is None:
            return self.error(
                naming.NO_MEMBER,
                f"`{instance.name}` has no sizes before its first use",
                name.span,
                "used before it is applied",
                help=f"apply `{instance.name}` above this line",
            )
        type_ = notation.instantiate_pattern(
            notation.parse_pattern(pattern),
            applied.site.bindings,
            applied.resolver,
            lambda method, sizes: applied.call(method, sizes),
        )
        return TensorValue(type_, ir.Submodule(f"{instance.name}.{name.id}"))

    def module_expr(self, value: Value) -> ir.Expr:
        match value:
            case Instance(name=name):
                return ir.Submodule(name)
            case Part(instance=instance, path=path):
                return ir.Submodule(".".join((instance.name, *path)))
            case _:
                return tensor_of(value).expr

    # --- the rest ------------------------------------------------------------------------------

    def top_level(self, scope: FileScope) -> Frame:
        """A frame for what stands outside of bodies: constants and defaults."""
        return Body(self.context, scope, self.models, {}, {})

    def conditions(self, found: list[Precondition], place: Span) -> None:
        self.preconditions += [(each, place) for each in found]

    def fitted(self, recipe: Recipe) -> Mapping[str, Dim]:
        return {}

    def quietly(self, run: Callable[[], Value]) -> Value:
        outer, self.context.collector = self.context.collector, Collector()
        before = len(self.steps)
        try:
            return run()
        finally:
            del self.steps[before:]
            self.context.collector = outer


def _differing(
    one: ir.Construct | ir.ModelConstruct, other: ir.Construct | ir.ModelConstruct
) -> str | None:
    """The first argument or size in which two constructs differ, in words."""

    def listed(construct: ir.Construct | ir.ModelConstruct) -> dict[str, object]:
        sizes = dict(construct.dims) if isinstance(construct, ir.ModelConstruct) else {}
        return {given.name: given.value for given in construct.arguments} | sizes

    before, here = listed(one), listed(other)
    for name, value in before.items():
        now = here.get(name)
        if now != value and not isinstance(value, ir.Construct) and now is not None:
            return f"{name} {show(value)} and {show(now)}"  # type: ignore[arg-type]
    return None


def _element(type_: TensorType) -> str:
    return str(type_.element)


def map_value_terms(value: Value, change: Callable[[Term], Term]) -> Value:
    """A value with the written faces of its sizes changed."""
    if isinstance(value, TensorValue):
        type_ = map_type_terms(value.type, change)
        return value if type_ is value.type else replace(value, type=type_)
    if isinstance(value, RecordValue):
        fields = {k: map_value_terms(v, change) for k, v in value.fields.items()}
        if all(fields[k] is v for k, v in value.fields.items()):
            return value
        return replace(value, fields=fields)
    if isinstance(value, ListValue) and value.expr is not None:
        items = tuple(map_value_terms(item, change) for item in value.items)
        if all(a is b for a, b in zip(items, value.items, strict=True)):
            return value
        return replace(value, items=items)
    return value


def map_type_terms(type_: TensorType, change: Callable[[Term], Term]) -> TensorType:
    """A type with the written faces of its sizes changed."""
    dims = tuple(
        dim if (term := change(dim.term)) is dim.term or term == dim.term else Dim(dim.poly, term)
        for dim in type_.dims
    )
    return type_ if dims == type_.dims else TensorType(type_.element, dims)


def state_key(value: Value) -> object:
    """What makes two values the same for the analysis, written faces aside."""
    match value:
        case TensorValue(type=type_):
            return ("tensor", type_key(type_))
        case RecordValue(fields=fields):
            return ("record", tuple((k, type_key(f.type)) for k, f in fields.items()))
        case ListValue(items=items):
            return ("list", tuple(state_key(item) for item in items))
        case Plain(value=Dim() as dim):
            return ("plain", dim.poly)
        case Plain(value=inner):
            return ("plain", type(inner), inner)
        case _:
            return ("other", id(value))


def type_key(type_: TensorType) -> object:
    """A type without its written faces."""
    bound = type_.element.bound
    bounds = (bound,) if isinstance(bound, Dim) else bound or ()
    return (
        type_.element.name,
        tuple(b.poly for b in bounds),
        tuple(dim.poly for dim in type_.dims),
    )
