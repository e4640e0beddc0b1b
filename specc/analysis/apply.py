"""Applying a component to tensors: settings, signature, types, lowering."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct

from specc.analysis import errors_meaning as meaning
from specc.analysis.frame import Frame, Inputs
from specc.analysis.mismatches import explain, refuse
from specc.analysis.settings import Settings, configure_leniently
from specc.analysis.values import (
    Instance,
    ListValue,
    Part,
    Poison,
    Recipe,
    RecordValue,
    TensorValue,
    Value,
    describe,
    is_tensor,
    tensor_of,
)
from specc.components import Refusal, Site, TensorComponent
from specc.components.site import as_term
from specc.diagnostics import Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.registry import Entry
from specc.types import signature as notation
from specc.types.dim import Dim
from specc.types.notation import Rest
from specc.types.signature import Bindings, Signature, SignatureMismatch
from specc.types.tensor import TensorType
from specc.types.terms import FunctionCall, Ref, Term, children


class Applied(Struct, frozen=True):
    """What applying a component gives: its types, and the expression that has no place yet."""

    component: TensorComponent
    outputs: Mapping[str, TensorType] | tuple[TensorType, ...]
    lowered: ir.Expr | Mapping[str, ir.Expr]
    site: Site
    settings: Settings

    @property
    def resolver(self) -> notation.Resolve:
        """The config fields that are sizes."""
        return _resolver(self.site)

    def call(self, name: str, sizes: tuple[Dim | int, ...]) -> Dim:
        """A method of the component that a signature calls."""
        return _method(self.site, name, sizes)


def apply_component(
    frame: Frame,
    entry: Entry,
    recipe: Recipe,
    inputs: Inputs,
    place: Span,
    *,
    lowers: bool = True,
) -> Applied | None:
    """Type and lower one application; mistakes are reported and give ``None``.

    A transform of data is not lowered: it works on columns.
    """
    cls = entry.load(place)
    assert issubclass(cls, TensorComponent)
    settings = configure_leniently(frame, cls, recipe, place, _sizes(inputs))
    if settings is None:
        return None
    component = settings.component
    assert isinstance(component, TensorComponent)
    signature = notation.parse(component.signature)
    named = _name_inputs(frame, component, signature, recipe, inputs, place)
    if named is None:
        return None
    types, expressions, spans = named
    fitted = frame.fitted(component, settings.spans, place)
    site = Site(
        component, types, expressions, settings.written, Bindings(), frame.facts, fitted or {}
    )
    bindings = _match(frame, component, signature, site, recipe, spans, place)
    if bindings is None or fitted is None:
        return None
    facts, ragged = frame.facts, frozenset(frame.context.ragged)
    site = Site(
        component, types, expressions, settings.written, bindings, facts, site.fitted, ragged
    )
    try:
        outputs = component.infer(site)
        if settings.missing and (outputs is not None or _speaks_of(signature, settings.missing)):
            return None  # its type may depend on what is wrong
        if outputs is None:
            outputs = notation.instantiate(
                signature, bindings, _resolver(site), lambda name, sizes: _method(site, name, sizes)
            )
        lowered = component.lower(site) if lowers else {}
    except Refusal as refusal:
        if settings.missing:
            return None
        refuse(frame, refusal, recipe, settings.spans, spans, place, types)
        return None
    frame.conditions(site.preconditions, place)
    for name in dict.fromkeys(site.fixed):
        written, value = settings.written.get(name), getattr(component, name)
        if written is not None:
            frame.only_for(written, as_term(value))
    if isinstance(outputs, TensorType):
        outputs = {notation.SINGLE_OUTPUT: outputs}
    if isinstance(lowered, ir.Construct):
        lowered = site.call(lowered)
    return Applied(component, outputs, lowered, site, settings)


def _sizes(inputs: Inputs) -> list[Dim]:
    """The sizes of all given tensors."""
    tensors = [tensor_of(value) for value, _ in inputs.positional if is_tensor(value)]
    return [dim for tensor in tensors for dim in tensor.type.dims]


def _speaks_of(signature: Signature, fields: Collection[str]) -> bool:
    """Whether the types of the outputs may depend on one of these fields."""
    patterns = [output.pattern for output in signature.outputs]
    bounds = [
        term
        for each in patterns
        if each.bound is not None
        for term in (each.bound if isinstance(each.bound, tuple) else (each.bound,))
    ]
    dims = [dim for each in patterns for dim in each.dims if not isinstance(dim, Rest)]
    return any(_depends(term, fields) for term in (*bounds, *dims))


def _depends(term: Term, fields: Collection[str]) -> bool:
    """Whether a term names a field, or calls a method, which may read any of them."""
    if isinstance(term, FunctionCall) or (isinstance(term, Ref) and term.name in fields):
        return True
    return any(_depends(part, fields) for part in children(term))


# --- inputs ------------------------------------------------------------------------------------

Named = tuple[dict[str, TensorType], dict[str, ir.Expr], dict[str, Span]]


def _name_inputs(
    frame: Frame,
    component: TensorComponent,
    signature: Signature,
    recipe: Recipe,
    inputs: Inputs,
    place: Span,
) -> Named | None:
    """The piped tensors by the names of the signature's inputs."""
    if component.takes_module:
        return _module_input(frame, recipe, inputs, place)
    types: dict[str, TensorType] = {}
    expressions: dict[str, ir.Expr] = {}
    spans: dict[str, Span] = {}
    wanted = [declared.name for declared in signature.inputs]
    count = len(inputs.positional)
    if component.many_inputs:
        wanted = [str(position) for position in range(count)]
    elif count > len(wanted):
        _too_many_inputs(frame, signature, recipe, inputs, place)
        return None
    pairs: list[tuple[str, Value, Span]] = [
        (name, value, span) for name, (value, span) in zip(wanted, inputs.positional, strict=False)
    ]
    for label, value in inputs.named:
        if label.id not in wanted or label.id in [taken for taken, *_ in pairs]:
            _unknown_input(frame, recipe, label, wanted)
            return None
        pairs.append((label.id, value, label.span))
    for name, value, span in pairs:
        if isinstance(value, ListValue) and value.expr is not None:
            frame.error(
                meaning.WRONG_INPUTS,
                f"`{recipe.written}` takes a tensor here, not a list of them",
                span,
                describe(value),
                help="pick one: `parts[0]`, or join them: `parts |> concat(dim=1)`",
            )
            return None
        if not is_tensor(value):
            not_a_tensor(frame, value, span, recipe.written)
            return None
        tensor = tensor_of(value)
        types[name], expressions[name], spans[name] = tensor.type, tensor.expr, span
    if component.many_inputs:
        if inputs.whole is not None:
            expressions = {"*": inputs.whole}
    else:  # in the signature's order, whatever the spec's
        order = [name for name in wanted if name in types]
        types = {name: types[name] for name in order}
        expressions = {name: expressions[name] for name in order}
    return types, expressions, spans


def _module_input(frame: Frame, recipe: Recipe, inputs: Inputs, place: Span) -> Named | None:
    value = inputs.positional[0][0] if len(inputs.positional) == 1 else None
    if isinstance(value, (Instance, Part, TensorValue)):
        types = {"module": value.type} if isinstance(value, TensorValue) else {}
        return types, {"module": frame.module_expr(value)}, {"module": inputs.positional[0][1]}
    frame.error(
        meaning.WRONG_INPUTS,
        f"`{recipe.written}` is applied to one module",
        place,
        "not given a module",
        help=f"such as `model |> {recipe.written}` or `model.head |> {recipe.written}`",
    )
    return None


def not_a_tensor(frame: Frame, value: Value, span: Span, taker: str) -> None:
    """Report something else where a tensor is wanted."""
    hint = None
    if isinstance(value, Recipe):
        hint = f"apply it first: `x |> {value.written}`"
    elif isinstance(value, Poison):
        return
    frame.error(
        meaning.NOT_A_TENSOR,
        f"`{taker}` takes a tensor, not {describe(value)}",
        span,
        "not a tensor",
        help=hint,
    )


def _too_many_inputs(
    frame: Frame, signature: Signature, recipe: Recipe, inputs: Inputs, place: Span
) -> None:
    count, takes = len(inputs.positional), len(signature.inputs)
    names = ", ".join(f"`{declared.name}`" for declared in signature.inputs)
    frame.error(
        meaning.WRONG_INPUTS,
        f"`{recipe.written}` takes {takes or 'no'} tensor{'' if takes == 1 else 's'}, got {count}",
        place,
        f"takes {notation.show(signature).partition(' -> ')[0] or 'none'}",
        help=f"its inputs are {names}"
        if takes > 1
        else "pipe them one by one, or join them first: `[a, b] |> concat(dim=1)`"
        if takes
        else f"write it alone: `name = {recipe.written}(...)`",
    )


def _unknown_input(frame: Frame, recipe: Recipe, name: object, wanted: list[str]) -> None:
    text = name.id  # type: ignore[attr-defined]
    listed = ", ".join(f"`{each}`" for each in wanted)
    taken = text in wanted
    frame.error(
        meaning.WRONG_INPUTS,
        f"`{recipe.written}` is given the tensor `{text}` twice"
        if taken
        else f"`{recipe.written}` has no input `{text}`",
        name.span,  # type: ignore[attr-defined]
        "the second one" if taken else "unknown input",
        help=None if taken else did_you_mean(text, wanted) or f"its inputs are {listed}",
    )


# --- matching ----------------------------------------------------------------------------------


def _resolver(site: Site) -> notation.Resolve:
    """Config fields that are sizes, with their written faces."""

    def resolve(name: str) -> Dim | None:
        value = getattr(site.component, name, None)
        if name not in type(site.component).model_fields:
            return None
        if isinstance(value, tuple) and len(value) == 1:
            return site.size(name, 0)
        if isinstance(value, bool) or not isinstance(value, (int, Dim)):
            return None
        return site.size(name)

    return resolve


def _method(site: Site, name: str, sizes: tuple[Dim | int, ...]) -> Dim:
    result = getattr(site.component, name)(*sizes)
    return result if isinstance(result, Dim) else Dim.of(result)


def _match(
    frame: Frame,
    component: TensorComponent,
    signature: Signature,
    site: Site,
    recipe: Recipe,
    spans: Mapping[str, Span],
    place: Span,
) -> Bindings | None:
    if component.takes_module:
        return Bindings()
    if component.many_inputs:
        return _match_each(frame, component, signature, site, recipe, spans, place)
    found = notation.match(signature, site.inputs, _resolver(site), frame.facts)
    if isinstance(found, Bindings):
        return found
    explain(frame, component, signature, site, recipe, spans, place, found)
    return None


def _match_each(
    frame: Frame,
    component: TensorComponent,
    signature: Signature,
    site: Site,
    recipe: Recipe,
    spans: Mapping[str, Span],
    place: Span,
) -> Bindings | None:
    """Every given tensor matches the one input on its own."""
    name = signature.inputs[0].name
    if not site.inputs:
        frame.error(
            meaning.WRONG_INPUTS,
            f"`{recipe.written}` takes at least one tensor",
            place,
            "got none",
        )
        return None
    first: Bindings | None = None
    for key, type_ in site.inputs.items():
        found = notation.match(signature, {name: type_}, _resolver(site), frame.facts)
        if isinstance(found, SignatureMismatch):
            at = {name: spans[key]}
            explain(frame, component, signature, site, recipe, at, place, found)
            return None
        first = first or found
    return first


def result_value(applied: Applied, expr: ir.Expr | Mapping[str, ir.Expr]) -> Value:
    """The value of an application whose expression has its submodules in place."""
    outputs = applied.outputs
    if isinstance(outputs, tuple):
        assert not isinstance(expr, Mapping)
        items = tuple(
            TensorValue(type_, ir.Pick(expr, position)) for position, type_ in enumerate(outputs)
        )
        return ListValue(items, None, expr, parts=True)
    if not isinstance(expr, Mapping):
        (type_,) = outputs.values()
        return TensorValue(type_, expr)
    fields = {name: TensorValue(type_, expr[name]) for name, type_ in outputs.items()}
    if len(fields) == 1:
        return next(iter(fields.values()))
    first = next(iter(expr.values()))
    return RecordValue(fields, first)
