"""``scan``: a body that runs along dim 1 of its sequences with one set of weights.

It is analysed once. Names of tensors that the body binds anew are its state: they enter each step
as the step before left them, and keep their type. Names that are born inside are gathered over the
steps and stacked on dim 1 afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from specc.analysis import errors_shapes as errors
from specc.analysis.definitions import Binding
from specc.analysis.hints import settle
from specc.analysis.keys import type_key
from specc.analysis.reading import nodes
from specc.analysis.values import (
    ListValue,
    Plain,
    Poison,
    TensorValue,
    Value,
    describe,
    is_tensor,
    tensor_of,
)
from specc.diagnostics import Label
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.syntax import tree
from specc.types.dim import Dim
from specc.types.poly import Verdict
from specc.types.tensor import TensorType

if TYPE_CHECKING:
    from specc.analysis.body import Body


def run(frame: Body, node: tree.Scan) -> None:
    """Run a scan; mistakes are reported, and poison what it binds."""
    sequences = _sequences(frame, node)
    length = _length(frame, node, sequences) if sequences is not None else None
    written = {n.id for s in nodes(node.body) if isinstance(s, tree.Assign) for n in s.targets}
    before = {
        name: binding
        for name, binding in frame.names.items()
        if name in written and not isinstance(binding.value, Poison)
    }
    if sequences is None or length is None or not _keeps_plain(frame, node, before):
        for name in written:
            frame.names.pop(name, None)
            frame.names[name] = Binding(_POISON, node.span)
        return
    locals_ = [
        frame.hoist(sequence.expr, node, f"{target.id}s")
        for target, sequence in zip(node.targets, sequences, strict=True)
    ]
    for target, sequence in zip(node.targets, sequences, strict=True):
        dims = (sequence.type.dims[0], *sequence.type.dims[2:])
        step = TensorType(sequence.type.element, dims)
        frame.bind(target, TensorValue(step, ir.Local(target.id)))
    outer = set(frame.names)
    body = frame.gather(lambda: frame.run(node.body))
    state = [name for name in before if isinstance(before[name].value, TensorValue)]
    for name in state:
        _keep_state(frame, name, before[name])
    born = [
        name
        for name, binding in frame.names.items()
        if name not in outer and isinstance(binding.value, TensorValue)
    ]
    frame.steps.append(
        steps.Scan(
            tuple(target.id for target in node.targets),
            tuple(locals_),
            tuple(state),
            tuple(born),
            body,
        )
    )
    for name in born:
        _stack(frame, name, length)
    for target in node.targets:  # the step's own tensors end with it
        frame.names.pop(target.id, None)


_POISON = Poison()


def _sequences(frame: Body, node: tree.Scan) -> list[TensorValue] | None:
    """The tensors that are scanned, one for each name."""
    items: list[tuple[tree.Expr, Value]]
    if isinstance(node.sequences, tree.Group):
        items = [(item.value, frame.evaluate(item.value)) for item in node.sequences.items]
    else:
        value = frame.evaluate(node.sequences)
        if isinstance(value, ListValue) and value.expr is not None:
            items = [(node.sequences, item) for item in value.items]
        else:
            items = [(node.sequences, value)]
    if any(isinstance(value, Poison) for _, value in items):
        return None
    if len(items) != len(node.targets):
        frame.error(
            errors.NOT_A_SEQUENCE,
            f"{len(node.targets)} names for {len(items)} sequences",
            node.targets[0].span.to(node.targets[-1].span),
            "one name for each sequence",
            help="`scan a, b in (left, right)` runs over both in lockstep",
        )
        return None
    for written, value in items:
        if not is_tensor(value) or tensor_of(value).type.rank < 2:
            frame.error(
                errors.NOT_A_SEQUENCE,
                "`scan` runs along dim 1 of a tensor",
                written.span,
                f"this is {describe(value)}",
                help="sequences are float[B, T, D]: batch first, then the steps",
            )
            return None
    return [tensor_of(value) for _, value in items]


def _length(frame: Body, node: tree.Scan, sequences: list[TensorValue]) -> Dim | None:
    """The number of steps; all sequences have the same."""
    first, *others = (sequence.type.dims[1] for sequence in sequences)
    for other in others:
        verdict = frame.facts.compare(first.poly, other.poly)
        if verdict is not Verdict.EQUAL:
            unknown = verdict is Verdict.UNKNOWN
            frame.error(
                errors.NOT_PROVEN if unknown else errors.SIZE_MISMATCH,
                f"the sequences have {first} and {other} steps"
                + (", which cannot be shown to be equal" if unknown else ""),
                node.sequences.span,
                "scanned in lockstep",
                help=settle(first, other) if unknown else None,
            )
            return None
    return first


def _keeps_plain(frame: Body, node: tree.Scan, before: dict[str, Binding]) -> bool:
    """Only tensors can change from step to step."""
    for name, binding in before.items():
        if isinstance(binding.value, (Plain, ListValue)):
            frame.error(
                errors.STATE_CHANGES,
                f"`{name}` is {describe(binding.value)}, and only tensors change along a scan",
                node.span,
                "binds it again",
                labels=(Label(binding.span, "bound here"),),
                help="the body is analysed once and serves every step",
            )
            return False
    return True


def _keep_state(frame: Body, name: str, before: Binding) -> None:
    """The state leaves a step with the type that it entered with."""
    entered, left = before.value, frame.names[name].value
    assert isinstance(entered, TensorValue)
    if isinstance(left, TensorValue) and type_key(left.type) == type_key(entered.type):
        frame.names[name] = replace(before, value=replace(entered, expr=ir.Local(name)))
        return
    if not isinstance(left, Poison):
        frame.error(
            errors.STATE_CHANGES,
            f"`{name}` enters a step as {entered.type} and leaves it as {describe(left)}",
            frame.names[name].span,
            "the state of a scan keeps its type",
            labels=(Label(before.span, f"this is {entered.type}"),),
            help="bring it back to its type, or give the new tensor a name of its own",
        )
    frame.names[name] = replace(before, value=_POISON)


def _stack(frame: Body, name: str, length: Dim) -> None:
    """A tensor of one step becomes the tensor of all steps."""
    binding = frame.names[name]
    value = binding.value
    assert isinstance(value, TensorValue)
    type_ = value.type
    if not type_.dims:
        frame.error(
            errors.STATE_CHANGES,
            f"`{name}` is one number a step, and has no batch to be stacked behind",
            binding.span,
            f"this is {type_}",
            help="keep the batch: take the mean over the other axes only",
        )
        frame.names[name] = replace(binding, value=_POISON)
        return
    dims = (type_.dims[0], length, *type_.dims[1:])
    stacked = TensorValue(TensorType(type_.element, dims), ir.Local(name))
    frame.names[name] = replace(binding, value=stacked)
