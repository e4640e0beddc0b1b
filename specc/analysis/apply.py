"""Applying a component to tensors: settings, signature, types, lowering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from specc.analysis import errors_meaning as meaning
from specc.analysis import errors_shapes as shapes
from specc.analysis.frame import Frame, Inputs
from specc.analysis.hints import kind_hint, rank_hint, settle
from specc.analysis.settings import Settings, configure
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
from specc.components.errors import BAD_KIND
from specc.diagnostics import Code, Label, Span
from specc.diagnostics.suggest import did_you_mean
from specc.ir import expr as ir
from specc.registry import Entry
from specc.types import signature as notation
from specc.types.dim import Dim
from specc.types.notation import Rest
from specc.types.poly import Facts, Verdict
from specc.types.signature import Bindings, Category, Signature, SignatureMismatch
from specc.types.tensor import TensorType


@dataclass(frozen=True, slots=True)
class Applied:
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
    settings = configure(frame, cls, recipe, place)
    if settings is None:
        return None
    component = settings.component
    assert isinstance(component, TensorComponent)
    signature = notation.parse(component.signature)
    named = _name_inputs(frame, component, signature, recipe, inputs, place)
    if named is None:
        return None
    types, expressions, spans = named
    site = Site(
        component,
        types,
        expressions,
        settings.written,
        Bindings(),
        frame.facts,
        frame.fitted(recipe),
    )
    bindings = _match(frame, component, signature, site, recipe, spans, place)
    if bindings is None:
        return None
    site = Site(component, types, expressions, settings.written, bindings, frame.facts, site.fitted)
    try:
        outputs = component.infer(site)
        if outputs is None:
            outputs = notation.instantiate(
                signature, bindings, _resolver(site), lambda name, sizes: _method(site, name, sizes)
            )
        lowered = component.lower(site) if lowers else {}
    except Refusal as refusal:
        refuse(frame, refusal, recipe, settings.spans, spans, place, types)
        return None
    frame.conditions(site.preconditions, place)
    if isinstance(outputs, TensorType):
        outputs = {notation.SINGLE_OUTPUT: outputs}
    if isinstance(lowered, ir.Construct):
        lowered = site.call(lowered)
    return Applied(component, outputs, lowered, site, settings)


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
    _explain(frame, component, signature, site, recipe, spans, place, found)
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
            _explain(frame, component, signature, site, recipe, at, place, found)
            return None
        first = first or found
    return first


def _explain(
    frame: Frame,
    component: TensorComponent,
    signature: Signature,
    site: Site,
    recipe: Recipe,
    spans: Mapping[str, Span],
    place: Span,
    mismatch: SignatureMismatch,
) -> None:
    """Say why the tensors do not fit: in the component's own words if it has any."""
    try:
        component.explain(site)
    except Refusal as refusal:
        refuse(frame, refusal, recipe, {}, spans, place, site.inputs)
        return
    text = notation.show(signature).partition(" -> ")[0]
    given = site.inputs.get(mismatch.input)
    shown = f"this is {given}" if given is not None else ""
    labels = _input_labels(spans, mismatch.input, place, shown)
    code, message, help_ = _worded(recipe.written, mismatch, frame.facts)
    if mismatch.category is Category.RANK and given is not None:
        message, help_ = _rank(recipe.written, signature, mismatch, given)
    frame.error(code, message, place, f"takes {text}", labels=labels, help=help_)


def _rank(
    written: str, signature: Signature, mismatch: SignatureMismatch, given: TensorType
) -> tuple[str, str | None]:
    """Headline and hint for a tensor with the wrong number of axes."""
    (wanted,) = (i.pattern.dims for i in signature.inputs if i.name == mismatch.input)
    plain = sum(1 for dim in wanted if not isinstance(dim, Rest))
    least = "" if plain == len(wanted) else " at least"
    which = _which(mismatch.input)
    return (
        f"`{written}` takes a tensor of{least} {_axes(plain)}{which}, got one of {given.rank}",
        mismatch.reason or rank_hint(plain, given.rank),
    )


def _axes(count: int) -> str:
    return f"{count} ax{'i' if count == 1 else 'e'}s"


def _which(name: str) -> str:
    return "" if name in (notation.SINGLE_INPUT, "0") else f" as `{name}`"


def _input_labels(
    spans: Mapping[str, Span], name: str, place: Span, shown: str
) -> tuple[Label, ...]:
    span = spans.get(name)
    return (Label(span, shown),) if span is not None and shown and span != place else ()


def _worded(
    written: str, mismatch: SignatureMismatch, facts: Facts
) -> tuple[Code, str, str | None]:
    """Code, headline and hint for one way of not fitting."""
    which = _which(mismatch.input)
    match mismatch.category:
        case Category.MISSING_INPUT:
            return (
                meaning.WRONG_INPUTS,
                f"`{written}` needs the tensor `{mismatch.input}` too",
                f"pipe a group: `(x, {mismatch.input}=...) |> {written}`",
            )
        case Category.UNEXPECTED_INPUT:
            return (
                meaning.WRONG_INPUTS,
                f"`{written}` has no input `{mismatch.input}`",
                None,
            )
        case Category.RANK:
            return (
                shapes.RANK_MISMATCH,
                f"`{written}` takes {mismatch.wanted}{which}, got {mismatch.given}",
                None,
            )
        case Category.ELEMENT:
            return (
                BAD_KIND,
                f"`{written}` takes {mismatch.wanted}{which}, got {mismatch.given}: "
                f"{mismatch.reason}",
                kind_hint(mismatch.wanted, mismatch.given),
            )
        case _:
            unknown = mismatch.verdict is Verdict.UNKNOWN
            message = (
                f"`{written}` needs {mismatch.wanted}{which}, and {mismatch.given} cannot be "
                "shown to be that"
                if unknown
                else f"`{written}` needs {mismatch.wanted}{which}, got {mismatch.given}"
            )
            if mismatch.axis is not None:
                message += f" on axis {mismatch.axis}"
            hint = settle(*mismatch.sizes, facts) if unknown and mismatch.sizes else None
            return (shapes.NOT_PROVEN if unknown else shapes.SIZE_MISMATCH, message, hint)


def refuse(
    frame: Frame,
    refusal: Refusal,
    recipe: Recipe,
    field_spans: Mapping[str, Span],
    tensor_spans: Mapping[str, Span],
    place: Span,
    types: Mapping[str, TensorType],
) -> None:
    """Turn a component's refusal into a diagnostic at the field or the application."""
    span = place
    labels: tuple[Label, ...] = ()
    if refusal.field is not None and refusal.field in field_spans:
        span = field_spans[refusal.field]
    if refusal.tensor is not None and refusal.tensor in tensor_spans:
        other = tensor_spans[refusal.tensor]
        if other not in (place, span):
            labels = (Label(other, f"this is {types[refusal.tensor]}"),)
    frame.error(
        refusal.code, refusal.message, span, refusal.label, help=refusal.help, labels=labels
    )


def result_value(applied: Applied, expr: ir.Expr | Mapping[str, ir.Expr]) -> Value:
    """The value of an application whose expression has its submodules in place."""
    outputs = applied.outputs
    if isinstance(outputs, tuple):
        assert not isinstance(expr, Mapping)
        items = tuple(
            TensorValue(type_, ir.Pick(expr, position)) for position, type_ in enumerate(outputs)
        )
        return ListValue(items, None, expr)
    if not isinstance(expr, Mapping):
        (type_,) = outputs.values()
        return TensorValue(type_, expr)
    fields = {name: TensorValue(type_, expr[name]) for name, type_ in outputs.items()}
    if len(fields) == 1:
        return next(iter(fields.values()))
    first = next(iter(expr.values()))
    return RecordValue(fields, first)
