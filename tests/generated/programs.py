"""Whole programs: inner models, one outer model, and what it is run with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from specc.syntax import tree
from tests.generated import (
    control,  # noqa: F401  (registers its rules)
    sizes,
)
from tests.generated import nodes as n
from tests.generated.drawing import ACTIVATIONS, Draw, Scope, Signature, Type
from tests.generated.printing import printed
from tests.generated.sizes import Atom, Size
from tests.generated.statements import Body, statements

ROOT = "Main"


@dataclass
class Program:
    """A drawn program. ``cases`` are the settings of its outer model, defaults left out."""

    seed: int
    file: tree.File
    cases: list[dict[str, Any]]
    free: tuple[str, ...]
    """Parameters of the outer model without a default."""
    least: dict[str, int] = field(default_factory=dict)
    """The names of sizes of the outer model's inputs, and their least values."""

    @property
    def text(self) -> str:
        return printed(self.file)


def draw(seed: int) -> Program:
    """The program of a seed; the same for the same seed, whatever was drawn before."""
    d = Draw(seed)
    sections: list[tree.Statement] = []
    if d.chance(0.2):
        d.constants["WIDTH"] = d.number(1, 4)
        sections.append(n.assign("WIDTH", n.lit(d.constants["WIDTH"])))
    for name in ("Inner", "Block", "Unit")[: d.number(0, 3)]:
        section, signature, *_ = _model(d, name, root=False)
        sections.append(section)
        d.models.append(signature)
    section, _, cases, free, least = _model(d, ROOT, root=True)
    sections.append(section)
    if d.chance(0.3):
        sections.reverse()
    return Program(seed, n.file(sections), cases, free, least)


def _model(
    d: Draw, name: str, *, root: bool
) -> tuple[tree.Section, Signature, list[dict[str, Any]], tuple[str, ...], dict[str, int]]:
    d.taken, d.labels = {"WIDTH"}, set()
    scope = Scope()
    scope.ints |= {word: sizes.of(value) for word, value in d.constants.items()}
    scope.fixed |= set(d.constants)
    parameters, declared, free, cases = _parameters(d, scope, root)
    body: Body = []
    inputs, least = _inputs(d, scope, body, root)
    decided: list[tuple[Size, Size]] = []
    if not root and d.chance(0.35):
        required = {word for word, _, optional in declared if not optional}
        decided += _matched(d, scope, body, inputs[0], required)
    body += statements(d, scope, d.number(2, 7) if root else d.number(1, 4))
    outputs = _outputs(d, scope, body)
    compares = frozenset(w for w, kind, _ in declared if kind == "int" and w not in free)
    signature = Signature(
        name, tuple(declared), tuple(t for _, t in inputs), outputs, tuple(decided), compares
    )
    section = n.model(name, parameters if parameters or d.chance(0.3) else None, body)
    return section, signature, cases, free, least


# --- parameters --------------------------------------------------------------------------------


def _parameters(d: Draw, scope: Scope, root: bool) -> Any:
    """Parameters with defaults; an outer model may have free sizes among them."""
    made: list[tree.Parameter] = []
    declared: list[tuple[str, str, bool]] = []
    free: list[str] = []
    other: dict[str, Any] = {}
    for _ in range(d.number(0, 3)):
        kind = d.among(("int", "int", "int", "bool", "bool", "layer", "list", "float"))
        word = d.fresh(*_WORDS[kind])
        default: Any
        match kind:
            case "int":
                default, other[word] = n.lit(d.number(1, 4)), d.number(1, 6)
                scope.ints[word] = sizes.named(word)
                if root and d.chance(0.2):
                    default = None
                    free.append(word)
                    del other[word]
                else:
                    scope.decidable.add(word)
                    if not root and d.chance(0.4):
                        default = None
            case "bool":
                default, other[word] = n.lit(d.chance(0.5)), d.chance(0.5)
                scope.bools.append(word)
            case "layer":
                default, other[word] = n.name(d.among(ACTIVATIONS)), d.among(ACTIVATIONS)
                scope.layers.append(word)
            case "list":
                items = [[d.number(1, 5) for _ in range(d.number(1, 3))] for _ in range(2)]
                default, other[word] = n.lit(items[0]), items[1]
                scope.lists[word] = sizes.fresh()
            case _:
                default, other[word] = n.lit(0.5), 0.25
        scope.fixed.add(word)
        declared.append((word, kind, default is not None))
        type_ = n.typed("list", [n.name("int")]) if kind == "list" else n.typed(kind, None)
        made.append(n.parameter(word, type_, default))
    cases: list[dict[str, Any]] = [{}]
    if other:
        cases.append(other)
    return made, declared, tuple(free), cases


_WORDS: dict[str, tuple[str, ...]] = {
    "int": ("width", "hidden", "channels", "depth"),
    "bool": ("deep", "gated"),
    "layer": ("act", "norm_fn"),
    "list": ("widths", "plan"),
    "float": ("rate",),
}


# --- inputs and outputs ------------------------------------------------------------------------


def _inputs(
    d: Draw, scope: Scope, body: Body, root: bool
) -> tuple[list[tuple[str, Type]], dict[str, int]]:
    """One to three inputs; names of sizes mean the same in all of them."""
    names = {"B": 2, "T": 2, "D": 2, "C": 1, "H": 5, "W": 5, "L": 4}
    used: dict[str, int] = {}

    def size(word: str, *numbers: int) -> Size:
        params = [w for w in scope.ints if w in scope.fixed and w not in d.constants]
        if params and d.chance(0.15) and numbers != ():
            return scope.ints[d.among(params)]
        if numbers and d.chance(0.5 if root else 0.25):
            return sizes.of(d.among(numbers))
        used[word] = names[word]
        return sizes.named(word, names[word])

    families = {
        "table": lambda: Type("float", (size("B"), size("D", 3, 4, 6))),
        "sequence": lambda: Type("float", (size("B"), size("T", 5, 6), size("D", 2, 4, 6))),
        "image": lambda: Type(
            "float", (size("B"), size("C", 1, 2, 3, 4), size("H", 8, 9), size("W", 8, 7))
        ),
        "signal": lambda: Type("float", (size("B"), size("C", 1, 2, 4), size("L", 8, 9))),
        "words": lambda: Type("ids", (size("B"), size("T", 5, 6)), 7),
    }
    kinds = [d.among(list(families))]
    for _ in range(d.among((0, 0, 0, 1, 1, 2))):
        kinds.append(d.among([*families, kinds[0], kinds[0]]))
    made: list[tuple[str, Type]] = []
    for kind in kinds:
        type_ = families[kind]()
        word = d.fresh("x", "image", "seq", "given")
        bounds = (type_.bound,) if type_.element == "ids" else ()
        written = n.typed(type_.element, [dim.expr() for dim in type_.dims], *bounds)
        body.append(n.assign(word, None, kind="input", type=written))
        # A name that nothing but the type mentions is a size all the same.
        made.append((word, type_))
        scope.tensors[word] = type_
        scope.fixed.add(word)
    for word, least in used.items():
        scope.ints[word] = sizes.named(word, least)
        scope.fixed.add(word)
        d.taken.add(word)
    return made, used


def _matched(
    d: Draw, scope: Scope, body: Body, given: tuple[str, Type], required: set[str]
) -> list[tuple[Size, Size]]:
    """A projection only where a size is not what a parameter asks for."""
    word, type_ = given
    # One with a default would be compared with that where the model is checked on its own.
    params = [w for w in sorted(scope.decidable) if w in required]
    if not params or not type_.floats:
        return []
    axis = type_.rank - 1 if type_.rank < 4 else 1
    dim, wanted = type_.dims[axis], d.among(params)
    if not dim.writable:
        return []
    # Another condition on it might leave nothing for the size that it is equal to.
    scope.decidable.discard(wanted)
    bound = d.fresh("skip")
    layer = n.call("linear", n.name(wanted))
    if type_.rank == 4:
        layer = n.call("conv2d", n.name(wanted), kernel_size=1, bias=False)
    then = n.assign(bound, n.pipe(n.name(bound), n.stage(layer)))
    body.append(n.assign(bound, n.name(word)))
    body.append(n.if_(n.binary("!=", dim.expr(), n.name(wanted)), [then]))
    scope.tensors[bound] = type_.with_dim(axis, scope.ints[wanted])
    return [(dim, scope.ints[wanted])]


def _outputs(d: Draw, scope: Scope, body: Body) -> tuple[tuple[str, Type], ...]:
    words = [w for w, t in scope.tensors.items() if t.floats] or list(scope.tensors)
    chosen = [words[-1]]
    for _ in range(d.among((0, 0, 0, 1, 1, 2))):
        chosen.append(d.among(list(scope.tensors)))
    made: list[tuple[str, Type]] = []
    for word in chosen:
        type_ = scope.tensors[word]
        value: tree.Expr = n.name(word)
        written = None
        if type_.floats and type_.rank >= 2 and d.chance(0.5):
            size, width = d.size(scope)
            value = n.pipe(value, n.stage(n.call("linear", width), d.label()))
            type_ = type_.with_dim(-1, size)
            if all(dim.writable for dim in type_.dims):
                dims = [dim.expr() for dim in type_.dims]
                written = n.typed(d.among(("float", "logits")), dims)
                if written.name.id == "logits":
                    type_ = type_.with_dims(type_.dims, "refined")
        bound = d.fresh("y", "scores", "out_of")
        body.append(n.assign(bound, value, kind="output", type=written))
        made.append((bound, type_))
    return tuple(made)


__all__ = ["ROOT", "Atom", "Program", "draw"]
