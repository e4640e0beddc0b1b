"""Applying components, models and instances, and giving submodules their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_names as naming
from specc.analysis import loops, parameters
from specc.analysis.apply import Applied, apply_component, result_value
from specc.analysis.bindings import Bindings, LayerUse
from specc.analysis.frame import Inputs
from specc.analysis.padding import look_for_padding
from specc.analysis.settings import configure
from specc.analysis.values import (
    POISON,
    Instance,
    Part,
    Recipe,
    Special,
    TensorValue,
    Value,
    describe,
    tensor_of,
)
from specc.components import Layer, TensorComponent
from specc.diagnostics import Label, Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.ir.needs import names_in, substituting
from specc.registry import Entry
from specc.syntax import tree
from specc.types import signature as notation
from specc.types.terms import show

if TYPE_CHECKING:
    pass


class Applications(Bindings):
    """A frame that applies what stands after ``|>``."""

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

    def judge(self, target: Value, place: Span) -> None:
        if not isinstance(target, Recipe):
            return
        if isinstance(target.target, Entry):
            configure(self, target.target.load(place), target, place)
        else:
            parameters.bind(self, target.target, target, place)

    def apply(self, target: Value, inputs: Inputs, node: tree.Node, place: Span) -> Value:
        if isinstance(target, Instance):
            return self.apply_recipe(target.recipe, inputs, node, place, target)
        if isinstance(target, Recipe):
            return self.apply_recipe(target, inputs, node, place, None)
        if isinstance(target, Special):
            made = target.applied(self, inputs, place)
            if made is not None:
                return made
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
            self.note_use(recipe, node, place)
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
        look_for_padding(self, applied, recipe, place)
        if isinstance(applied.component, Layer) and applied.component.needs_batch:
            self.needs_batch(place)
        component = applied.component
        if isinstance(component, Layer) and (component.weights or component.has_weights):
            self.note_use(recipe, node, place)
        outputs = applied.outputs
        types = outputs if isinstance(outputs, tuple) else tuple(outputs.values())
        owns = attribute in self.evidence
        self.layers.append(LayerUse(attribute if owns else None, self.path, recipe.written, types))
        return result_value(applied, placed)

    def note_use(self, recipe: Recipe, node: tree.Node, place: Span) -> None:
        """Warn where one name stands for new weights at two places.

        A name that is completed by parentheses, or given from outside, is meant to make several.
        """
        if not isinstance(node, tree.Stage) or not isinstance(node.target, tree.Name):
            return
        name = node.target.id
        binding = self.find(name)
        if binding is None or binding.fixed not in ("", "a constant"):
            return
        first = self.recipe_uses.setdefault((name, id(recipe)), place)
        if first != place:
            self.error(
                naming.WRITE_SHARED,
                f"each application of `{name}` makes weights of its own",
                place,
                "a second set of weights",
                labels=(Label(first, "the first set"),),
                help=f"for one set write `shared {name} = ...`; "
                "for two, write the component at both places",
            )

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
        if self.path:
            self.nesting[name] = self.loops
            self.snapshots[name, self.path] = {
                key: self.definitions[key] for key in names_in(construct) & self.definitions.keys()
            }

    def register_shared(
        self,
        instance: Instance,
        construct: ir.Construct | ir.ModelConstruct,
        place: Span,
        inner: int = 1,
    ) -> None:
        """The first use of a shared instance fixes what it is built from."""
        # It is built where it is declared, where no name of a loop around its use is visible.
        while names_in(construct) & self.entered.keys():
            construct = ir.map_terms(construct, substituting(self.entered))
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
            if instance.applied is not None and isinstance(instance.applied.component, Layer):
                weights = instance.applied.component.present_weights()
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
            applied.call,
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


def _differing(
    one: ir.Construct | ir.ModelConstruct, other: ir.Construct | ir.ModelConstruct
) -> str | None:
    """The first argument or size in which two constructs differ, in words."""

    def listed(construct: ir.Construct | ir.ModelConstruct) -> dict[str, object]:
        found: dict[str, object] = {given.name: given.value for given in construct.arguments}
        if isinstance(construct, ir.ModelConstruct):
            found.update(construct.dims)
        return found

    before, here = listed(one), listed(other)
    for name, value in before.items():
        now = here.get(name)
        if now != value and not isinstance(value, ir.Construct) and now is not None:
            return f"{name} {show(value)} and {show(now)}"  # type: ignore[arg-type]
    return None
