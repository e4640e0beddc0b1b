"""Other models and shared instances, applied."""

from __future__ import annotations

from typing import Any

from specc.syntax import tree
from tests.generated import nodes as n
from tests.generated import sizes
from tests.generated.drawing import ACTIVATIONS, Draw, Scope, Signature, Type
from tests.generated.sizes import Size
from tests.generated.stages import stage


def apply_model(d: Draw, scope: Scope, body: list[tree.Statement]) -> bool:
    """``x |> Block(4)``, where the tensors in scope fit."""
    if not d.models:
        return False
    signature = d.among(d.models)
    given = _settings(d, scope, signature)
    if given is None:
        return False
    keywords, mapping = given
    inputs = _inputs(d, scope, signature, mapping)
    if inputs is None:
        return False
    hidden: dict[str, Size] = {}
    for one, other in signature.decided:
        here = [size.replaced(mapping, hidden) for size in (one, other)]
        if here[0] != here[1] and None in (here[0].known, here[1].known):
            return False
    callee: Any = n.call(signature.name, **keywords) if keywords else n.name(signature.name)
    names = [n.name(word) for word in inputs]
    source = names[0] if len(names) == 1 else n.group(*names)
    outputs = {
        word: type_.with_dims([dim.replaced(mapping, hidden) for dim in type_.dims])
        for word, type_ in signature.outputs
    }
    bound = d.fresh("m", "u", "block_out")
    body.append(n.assign(bound, n.pipe(source, n.stage(callee, d.label()))))
    if len(outputs) == 1:
        scope.tensors[bound] = next(iter(outputs.values()))
        return True
    for word, type_ in outputs.items():
        taken = d.fresh("got")
        body.append(n.assign(taken, n.attribute(n.name(bound), word)))
        scope.tensors[taken] = type_
    return True


def _settings(
    d: Draw, scope: Scope, signature: Signature
) -> tuple[dict[str, Any], dict[str, Size]] | None:
    """Arguments, and what the sizes among them are."""
    keywords: dict[str, Any] = {}
    mapping: dict[str, Size] = {}
    for word, kind, optional in signature.parameters:
        if optional and kind != "int" and d.chance(0.5):
            continue
        match kind:
            case "int":
                size, value = _width(d, scope, word in signature.compares)
                keywords[word], mapping[word] = value, size
            case "bool":
                flags = [n.name(flag) for flag in scope.bools]
                keywords[word] = d.among([n.lit(True), n.lit(False), *flags])
            case "layer":
                keywords[word] = n.name(d.among([*ACTIVATIONS, *scope.layers]))
            case "float":
                keywords[word] = 0.25
            case "list":
                named = [n.name(w) for w in scope.lists]
                literal = n.lit([d.number(1, 5) for _ in range(d.number(1, 3))])
                keywords[word] = d.among([literal, *named])
    return keywords, mapping


def _width(d: Draw, scope: Scope, compared: bool) -> tuple[Size, Any]:
    words = [w for w, s in scope.ints.items() if s.sure >= 1]
    if compared:
        words = [w for w in words if w in scope.decidable or scope.ints[w].known is not None]
    if words and d.chance(0.5):
        word = d.among(words)
        return scope.ints[word], n.name(word)
    value = d.number(1, 5)
    return sizes.of(value), n.lit(value)


def _inputs(
    d: Draw, scope: Scope, signature: Signature, mapping: dict[str, Size]
) -> list[str] | None:
    """Names of tensors that the inputs take; their sizes are added to ``mapping``."""
    chosen: list[str] = []
    for wanted in signature.inputs:
        words = list(scope.tensors)
        d.rng.shuffle(words)
        for word in words:
            trial = dict(mapping)
            if _fits(scope.tensors[word], wanted, trial):
                mapping |= trial
                chosen.append(word)
                break
        else:
            return None
    return chosen


def _fits(given: Type, wanted: Type, mapping: dict[str, Size]) -> bool:
    same = given.element == wanted.element or (wanted.floats and given.floats)
    if not same or given.rank != wanted.rank or given.bound > wanted.bound:
        return False
    for size, pattern in zip(given.dims, wanted.dims, strict=True):
        if pattern.known is not None:
            if size != pattern:
                return False
            continue
        ((atoms, factor),) = pattern.terms if len(pattern.terms) == 1 else (((), 0),)
        if factor != 1 or len(atoms) != 1:
            return False
        atom = atoms[0]
        if mapping.setdefault(atom.key, size) != size or size.least < atom.least:
            return False
        if size.sure < 1:  # as the model takes it to be
            return False
    return True


def shared_instance(d: Draw, scope: Scope, body: list[tree.Statement]) -> bool:
    """``shared enc = linear(4)``, applied once or again."""
    if scope.shared and d.chance(0.7):
        word = d.among(list(scope.shared))
        wanted, result = scope.shared[word]
        fitting = [
            w
            for w, t in scope.tensors.items()
            if t.dims == wanted.dims and t.floats and t.element == wanted.element
        ]
        if not fitting:
            return False
        bound = d.fresh("again")
        body.append(n.assign(bound, n.pipe(n.name(d.among(fitting)), n.stage(word))))
        scope.tensors[bound] = result
        return True
    words = [w for w, t in scope.tensors.items() if t.floats and t.rank >= 2]
    if scope.loops or not words:
        return False
    word = d.among(words)
    given = scope.tensors[word]
    target, result = stage(d, scope, given)
    if any(s.kind == "hidden" for dim in result.dims for atoms, _ in dim.terms for s in atoms):
        return False
    name = d.fresh("enc", "tied")
    body.append(n.assign(name, target, kind="shared"))
    bound = d.fresh("first")
    body.append(n.assign(bound, n.pipe(n.name(word), n.stage(name))))
    scope.tensors[bound] = result
    scope.shared[name] = (given, result)
    scope.fixed.add(name)
    return True
