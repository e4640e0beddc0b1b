"""Whether a component does what it says: `check_component`."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from specc.components import Example, Layer, Loss, Refusal, TensorComponent
from specc.testing.application import (
    Application,
    DoesNotMatch,
    apply,
    named_inputs,
    type_of,
    with_sizes,
)
from specc.testing.drawing import disagreement, drawn
from specc.testing.interpreter import LoweredComponent, value_of
from specc.testing.wrapper import wrap
from specc.types.dim import Dim
from specc.types.elements import BASES, Element
from specc.types.notation import Input, Pattern, Rest
from specc.types.signature import parse
from specc.types.tensor import TensorType
from specc.types.terms import Const, Ref

CHECKS = (
    "types",
    "symbolic",
    "gradients",
    "state_dict",
    "weights",
    "fields",
    "unknown_field",
    "torchscript",
    "export",
)
"""``types``: shapes, dtypes and kinds at two sizes. ``symbolic``: the same from named sizes."""


@dataclass
class Report:
    """What was tried with a component, and what went wrong: check -> messages."""

    component: str
    passed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, list[str]] = field(default_factory=dict)
    excused: dict[str, str] = field(default_factory=dict)

    def stop_if_failed(self) -> None:
        """Raise `AssertionError` with every failure."""
        if self.failed:
            lines = [f"{c}: {message}" for c, found in self.failed.items() for message in found]
            raise AssertionError("\n".join([f"{self.component} does not conform", *lines]))

    def __str__(self) -> str:
        words = []
        for check in CHECKS:
            if check in self.failed:
                words.append(f"{check} FAILED")
            elif check in self.excused:
                words.append(f"{check} excused")
            elif check in self.passed:
                words.append(f"{check} {self.passed[check]}")
        return f"{self.component}: {', '.join(words)}"


def check_component(cls: type[TensorComponent]) -> Report:
    """Try a component in every way that is cheap, on the CPU.

    Configurations and tensors come from ``cls.examples``; without any they are drawn from the
    fields and the signature. ``cls.exceptions`` names the checks that the component does not pass
    and why; an exception for a check that it does pass is a failure too.
    """
    examples = cls.examples or tuple(_drawn_examples(cls))
    run = _Run(cls, examples)
    if not examples:
        run.report.failed["types"] = ["declare examples: none could be drawn from the signature"]
        return run.report
    for check in CHECKS:
        found: list[str] = []
        method: Callable[[], Iterator[str]] = getattr(run, f"_{check}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found += method()
        reason = cls.exceptions.get(check)
        if reason is None:
            if found:
                run.report.failed[check] = found
            continue
        if found:
            run.report.excused[check] = reason
        else:
            run.report.failed[check] = [f"passes, although an exception is declared: {reason}"]
    for check in set(cls.exceptions) - set(CHECKS):
        run.report.failed[check] = [f"there is no such check; the checks are {', '.join(CHECKS)}"]
    return run.report


# --- examples that nobody wrote ----------------------------------------------------------------


def _drawn_examples(cls: type[TensorComponent]) -> Iterator[Example]:
    """The first required configuration that is accepted, on all inputs and on the least number."""
    if cls.takes_module:
        return
    required = {
        n: _candidates(i.annotation) for n, i in cls.model_fields.items() if i.is_required()
    }
    for values in itertools.product(*required.values()):
        config = dict(zip(required, values, strict=True))
        found = []
        for optional in (True, False):
            for spread in (1, 2, 0):
                inputs = _drawn_inputs(cls, config, optional, spread)
                if inputs is None:
                    continue
                example = Example(inputs, **config)
                if _accepted(cls, example) and example not in found:
                    found.append(example)
        if found:
            yield from found
            return


def _accepted(cls: type[TensorComponent], example: Example) -> bool:
    try:
        types = {name: type_of(text) for name, text in example.inputs.items()}
        apply(cls, example.config, named_inputs(cls, types))
    except (ValidationError, DoesNotMatch, Refusal):
        return False
    return True


def _candidates(annotation: Any) -> tuple[Any, ...]:
    """Values to try for a field."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return (2, 3, 0.75, True, False, "x", [2], [0.5], 1, 0, -1)


def _drawn_inputs(
    cls: type[TensorComponent], config: Mapping[str, Any], optional: bool, spread: int
) -> dict[str, str] | None:
    """Types that follow the signature's left side; ``...`` stands for ``spread`` dims."""
    try:
        component = cls(**config)
    except ValidationError:
        return None
    inputs = {}
    for declared in parse(cls.signature).inputs:
        if optional or not declared.optional:
            dims = list(_drawn_dims(component, declared, spread))
            inputs[declared.name] = f"{_drawn_element(declared.pattern)}[{', '.join(dims)}]"
    if cls.many_inputs:
        (only,) = inputs.values()
        return {"0": only, "1": only}
    return inputs


def _drawn_dims(component: TensorComponent, declared: Input, spread: int) -> Iterator[str]:
    for dim in declared.pattern.dims:
        if isinstance(dim, Rest):
            letters = ("B", "R", "S") if declared.pattern.rest == 0 else ("R", "S")
            yield from letters[:spread]
        elif isinstance(dim, Ref):
            value = getattr(component, dim.name, None) if _is_field(component, dim.name) else None
            yield str(value) if isinstance(value, int) else dim.name
        elif isinstance(dim, Const):
            yield str(dim.value)
        else:
            yield "4"


def _is_field(component: TensorComponent, name: str) -> bool:
    return name in type(component).model_fields


def _drawn_element(pattern: Pattern) -> str:
    if pattern.element not in BASES:
        return "float"
    if pattern.element == "ids":
        return f"ids({pattern.bound.name})" if isinstance(pattern.bound, Ref) else "ids(7)"
    return pattern.element


# --- one run -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Trial:
    """An example with numbers for its names."""

    example: Example
    sizes: Mapping[str, int]

    def inputs(self, cls: type[TensorComponent]) -> dict[str, TensorType]:
        types = {n: with_sizes(type_of(t), self.sizes) for n, t in self.example.inputs.items()}
        return named_inputs(cls, types)

    def __str__(self) -> str:
        config = ", ".join(f"{name}={value!r}" for name, value in self.example.config.items())
        tensors = ", ".join(f"{name} {text}".strip() for name, text in self.example.inputs.items())
        return f"({tensors}) |> ({config}) with {dict(self.sizes)}"


def _sizes(example: Example, round: int) -> dict[str, int]:
    """A number for each name; another one in each round."""
    names: dict[str, None] = {}
    for text in example.inputs.values():
        type = type_of(text)
        bound = type.element.bound
        bounds = bound if isinstance(bound, tuple) else (bound,) if bound is not None else ()
        for dim in (*type.dims, *bounds):
            names |= dict.fromkeys(sorted(dim.poly.variables))
    spatial = [name for name in names if name != "B"]
    sizes = {name: (6 + 2 * i, 9 + i)[round] for i, name in enumerate(spatial)}
    return {"B": (2, 3)[round], **sizes} if "B" in names else sizes


class _Run:
    """The checks, each of which yields what went wrong."""

    def __init__(self, cls: type[TensorComponent], examples: tuple[Example, ...]) -> None:
        self.cls = cls
        self.examples = examples
        self.report = Report(cls.__name__)
        self.behaviours: dict[int, list[Any]] = {}

    def _count(self, check: str) -> None:
        self.report.passed[check] = self.report.passed.get(check, 0) + 1

    def _trials(self, check: str, rounds: int = 1) -> Iterator[tuple[_Trial, Application]]:
        for example, round in itertools.product(self.examples, range(rounds)):
            trial = _Trial(example, _sizes(example, round))
            application = apply(self.cls, example.config, trial.inputs(self.cls))
            self._count(check)
            yield trial, application

    # --- types ---------------------------------------------------------------------------------

    def _types(self) -> Iterator[str]:
        for example, round in itertools.product(self.examples, range(2)):
            trial = _Trial(example, _sizes(example, round))
            try:
                application = apply(self.cls, example.config, trial.inputs(self.cls))
            except (ValidationError, DoesNotMatch, Refusal) as error:
                yield f"{trial} is refused: {error}"
                continue
            self._count("types")
            for training in (False, True):
                result = _forward(_module(application, training), _tensors(application))
                yield from (f"{trial}: {each}" for each in _wrong(application.outputs, result))

    def _symbolic(self) -> Iterator[str]:
        for example in self.examples:
            types = {name: type_of(text) for name, text in example.inputs.items()}
            try:
                open_ = apply(self.cls, example.config, named_inputs(self.cls, types))
            except Refusal as refusal:
                yield f"{example} is refused where its sizes are names: {refusal.message}"
                continue
            for round in range(2):
                trial = _Trial(example, _sizes(example, round))
                known = apply(self.cls, example.config, trial.inputs(self.cls))
                self._count("symbolic")
                for condition in open_.site.preconditions:
                    if _at(condition.size, trial.sizes)[0] < condition.least:
                        yield f"{trial}: its precondition is false: {condition.why}"
                yield from (f"{trial}: {each}" for each in _differing(open_, known, trial.sizes))

    # --- learning ------------------------------------------------------------------------------

    def _gradients(self) -> Iterator[str]:
        learns: dict[str, bool] = {}
        for trial, application in self._trials("gradients"):
            module = _module(application, training=True)
            tensors = _tensors(application)
            loss = _loss(_forward(module, tensors))
            if loss is None:
                continue  # nothing that has a gradient
            if not loss.requires_grad:
                yield f"{trial}: nothing has a gradient"
                continue
            loss.backward()  # type: ignore[no-untyped-call]
            for name, tensor in _sources(application, module, tensors):
                gradient = None if tensor.grad is None else _dense(tensor.grad)
                if gradient is None:
                    yield f"{trial}: no gradient reaches {name}"
                elif not gradient.isfinite().all():
                    yield f"{trial}: the gradient of {name} is not finite"
                else:
                    learns[name] = learns.get(name, False) or bool(gradient.any())
        yield from (
            f"the gradient of {name} is always zero" for name, ok in learns.items() if not ok
        )

    def _state_dict(self) -> Iterator[str]:
        for trial, application in self._trials("state_dict"):
            module, other = _module(application, seed=1), _module(application, seed=2)
            other.load_state_dict(module.state_dict(), strict=True)
            tensors = _tensors(application)
            if not _equal(_forward(module, tensors), _forward(other, tensors)):
                yield f"{trial}: another instance with the same state dict gives other values"

    def _weights(self) -> Iterator[str]:
        if not issubclass(self.cls, Layer) or not self.cls.weights:
            return
        seen: set[str] = set()
        for trial, application in self._trials("weights"):
            (child,) = _module(application).children()
            assert isinstance(application.component, Layer)
            present = application.component.present_weights()
            seen |= set(present)
            for name in self.cls.weights:
                tensor = getattr(child, name, None)
                if name not in present:
                    if tensor is not None:
                        yield f"{trial}: {name} is there, although it is not said to be present"
                    continue
                wrong = disagreement(application.weight(present[name]), tensor)
                if wrong:
                    yield f"{trial}: {name}: {wrong}"
        for name in sorted(set(self.cls.weights) - seen):
            yield f"no example has the tensor {name}"

    # --- fields --------------------------------------------------------------------------------

    def _fields(self) -> Iterator[str]:
        for name, info in self.cls.model_fields.items():
            self._count("fields")
            matters = any(self._variants(name, info.is_required(), info.annotation))
            if name in self.cls.neutral:
                if matters:
                    yield f"{name} is declared neutral, but it changes what can be seen"
            elif not matters:
                yield f"{name} changes nothing that can be seen, in any example"

    def _variants(self, name: str, required: bool, annotation: Any) -> Iterator[bool]:
        """Whether examples behave in another way with another value of a field, one by one."""
        for example in self.examples:
            config = dict(example.config)
            others: list[dict[str, Any]] = []
            if name in config and not required:
                others.append({n: v for n, v in config.items() if n != name})
            others += [{**config, name: value} for value in _alternatives(annotation, config, name)]
            others += [
                {**config, name: each.config[name]}
                for each in self.examples
                if name in each.config and each.config[name] != config.get(name)
            ]
            for other in others:
                yield self._differ(example, other)

    def _differ(self, example: Example, config: Mapping[str, Any]) -> bool:
        try:
            seen = _behaviour(self.cls, Example(example.inputs, **config))
        except (ValidationError, DoesNotMatch, Refusal):
            return False
        position = self.examples.index(example)
        if position not in self.behaviours:
            self.behaviours[position] = _behaviour(self.cls, example)
        return not _equal(self.behaviours[position], seen)

    def _unknown_field(self) -> Iterator[str]:
        self._count("unknown_field")
        try:
            self.cls(**{**self.examples[0].config, "no_such_field": 1})
        except ValidationError:
            return
        yield "a field that does not exist is accepted"

    # --- other forms ---------------------------------------------------------------------------

    def _torchscript(self) -> Iterator[str]:
        for trial, application in self._trials("torchscript"):
            try:
                module, source = _wrapped(application)
                scripted = torch.jit.script(module)
            except Exception as error:  # noqa: BLE001 - whatever torch raises is the answer
                yield f"{trial}: {_last_line(error)}"
                continue
            yield from _same_results(trial, application, module, scripted, source)

    def _export(self) -> Iterator[str]:
        for trial, application in self._trials("export"):
            module, source = _wrapped(application)
            tensors = tuple(tensor.detach() for tensor in _tensors(application))
            if not tensors:
                continue
            axes = _batch_axes(trial, self.cls)
            dynamic = tuple(dict.fromkeys(each, torch.export.Dim.DYNAMIC) for each in axes)
            try:
                exported = torch.export.export(module, tensors, dynamic_shapes=dynamic)
                larger = self._larger(trial)
                graph = exported.module()
                yield from _same_results(trial, application, module, graph, source)
                if larger is not None:
                    yield from _same_results(trial, larger, module, graph, source)
            except Exception as error:  # noqa: BLE001 - whatever torch raises is the answer
                yield f"{trial}: {_last_line(error)}"

    def _larger(self, trial: _Trial) -> Application | None:
        """The same with a batch of another size; everything else is built into an export."""
        if "B" not in trial.sizes:
            return None
        larger = _Trial(trial.example, {**trial.sizes, "B": trial.sizes["B"] + 3})
        return apply(self.cls, trial.example.config, larger.inputs(self.cls))


# --- running -----------------------------------------------------------------------------------


def _locals(application: Application) -> list[str]:
    return [f"input_{name}" for name in application.inputs]


def _module(application: Application, training: bool = False, seed: int = 1) -> nn.Module:
    torch.manual_seed(seed)
    return LoweredComponent(application.lowered, _locals(application), {}).train(training)


def _wrapped(application: Application) -> tuple[nn.Module, str]:
    cls, source = wrap(application.lowered, _locals(application), {}, {})
    torch.manual_seed(1)
    return cls().eval(), source


def _tensors(application: Application) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    tensors = [drawn(type, generator) for type in application.inputs.values()]
    learning = tensors[: _learning(application)]
    for tensor in learning:
        tensor.requires_grad_(tensor.is_floating_point())
    return tensors


def _learning(application: Application) -> int:
    """How many of the tensors a gradient should reach: of a loss only the first, its prediction."""
    return 1 if isinstance(application.component, Loss) else len(application.inputs)


def _sources(
    application: Application, module: nn.Module, tensors: list[Tensor]
) -> list[tuple[str, Tensor]]:
    """Everything that a gradient should reach."""
    inputs = [(f"input {n}", t) for n, t in zip(application.inputs, tensors, strict=True)]
    weights = [(f"weight {name}", weight) for name, weight in module.named_parameters()]
    return [(name, tensor) for name, tensor in (*inputs, *weights) if tensor.requires_grad]


def _forward(module: Any, tensors: Any) -> Any:
    torch.manual_seed(3)  # of what is drawn inside
    return module(*tensors)


def _listed(result: Any) -> list[Any]:
    """The tensors of a result, whatever it is packed in."""
    if isinstance(result, Mapping):
        result = list(result.values())
    if isinstance(result, list | tuple):
        return [tensor for item in result for tensor in _listed(item)]
    return [result]


def _wrong(types: Mapping[str, TensorType] | tuple[TensorType, ...], result: Any) -> Iterator[str]:
    if isinstance(types, tuple):
        if not isinstance(result, list | tuple) or len(result) != len(types):
            yield f"inferred a list of {len(types)}, got {type(result).__name__}"
            return
        pairs = list(zip(types, result, strict=True))
    elif isinstance(result, Mapping):
        if list(result) != list(types):
            yield f"inferred {list(types)}, lowered {list(result)}"
            return
        pairs = [(types[name], result[name]) for name in types]
    else:
        if len(types) != 1:
            yield f"inferred {list(types)}, lowered a single result"
            return
        pairs = [(next(iter(types.values())), result)]
    for declared, value in pairs:
        wrong = disagreement(declared, value)
        if wrong:
            yield wrong


def _at(dim: Dim, sizes: Mapping[str, int]) -> tuple[int, int]:
    """A size in numbers by each of its faces."""
    by_poly = with_sizes(TensorType(Element("float"), (dim,)), sizes).dims[0].known
    assert by_poly is not None
    return by_poly, value_of(dim.term, sizes)


def _differing(open_: Application, known: Application, sizes: Mapping[str, int]) -> Iterator[str]:
    for one, other in zip(_type_list(open_), _type_list(known), strict=True):
        if str(one.element.name) != str(other.element.name):
            yield f"{one} from names, {other} from numbers"
        for dim, number in zip(one.dims, other.dims, strict=True):
            if set(_at(dim, sizes)) != {number.known}:
                yield f"{dim} is {_at(dim, sizes)} in numbers, but {number} was inferred from them"


def _type_list(application: Application) -> list[TensorType]:
    outputs = application.outputs
    return list(outputs.values()) if isinstance(outputs, Mapping) else list(outputs)


def _loss(result: Any) -> Tensor | None:
    """A scalar to which every value contributes in its own way."""
    floats = [t for t in _listed(result) if isinstance(t, Tensor) and t.is_floating_point()]
    generator = torch.Generator().manual_seed(4)
    sums = [(t * torch.randn(t.shape, generator=generator)).sum() for t in floats]
    return torch.stack(sums).sum() if sums else None


def _dense(gradient: Tensor) -> Tensor:
    return gradient.to_dense() if gradient.is_sparse else gradient


def _equal(one: Any, other: Any) -> bool:
    left, right = _listed(one), _listed(other)
    return len(left) == len(right) and all(map(_same_value, left, right))


def _same_value(one: Any, other: Any) -> bool:
    if not isinstance(one, Tensor) or not isinstance(other, Tensor):
        return type(one) is type(other) and bool(one == other)
    same_kind = one.shape == other.shape and one.dtype == other.dtype
    return same_kind and one.layout == other.layout and _equal_values(_dense(one), _dense(other))


def _equal_values(one: Tensor, other: Tensor) -> bool:
    return torch.equal(torch.nan_to_num(one.float()), torch.nan_to_num(other.float()))


def _behaviour(cls: type[TensorComponent], example: Example) -> list[Any]:
    """Everything that can be seen of an example from outside."""
    trial = _Trial(example, _sizes(example, 0))
    application = apply(cls, example.config, trial.inputs(cls))
    module = _module(application)
    seen: list[Any] = [
        str(application.outputs),
        *module.state_dict(),
        *module.state_dict().values(),
    ]
    for training in (False, True):
        tensors = _tensors(application)
        for _ in range(2):  # what a training step leaves behind shows in the second
            result = _forward(module.train(training), _wide(application, tensors))
            seen += _listed(result)
            loss = _loss(result)
        if loss is not None and loss.requires_grad:
            loss.backward()  # type: ignore[no-untyped-call]
        seen += [tensor.grad for tensor in (*tensors, *module.parameters())]
        seen += [buffer.clone() for buffer in module.buffers()]
    return seen


def _wide(application: Application, tensors: list[Tensor]) -> list[Tensor]:
    """Spread out, so that what only happens to large values happens; but within their kind."""
    names = [type.element.name for type in application.inputs.values()]
    pairs = zip(tensors, names, strict=True)
    return [5 * tensor if name in ("float", "logits") else tensor for tensor, name in pairs]


def _alternatives(annotation: Any, config: Mapping[str, Any], name: str) -> Iterator[Any]:
    """Other values that a field might take; not all will be accepted."""
    yield from _candidates(annotation)
    for union_member in get_args(annotation):
        if get_origin(union_member) is Literal:
            yield from get_args(union_member)
    value = config.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield from (value + 1, value * 2, value / 2)


# --- TorchScript and export --------------------------------------------------------------------


def _batch_axes(trial: _Trial, cls: type[TensorComponent]) -> list[list[int]]:
    """For each input, the axes that are the batch."""
    types = named_inputs(cls, {name: type_of(text) for name, text in trial.example.inputs.items()})
    return [[a for a, d in enumerate(t.dims) if d.poly.variables == {"B"}] for t in types.values()]


def _same_results(
    trial: _Trial, application: Application, module: nn.Module, other: Any, source: str
) -> Iterator[str]:
    tensors = [tensor.detach() for tensor in _tensors(application)]
    wanted, got = _listed(_forward(module, tensors)), _listed(_forward(other, tensors))
    for one, another in zip(wanted, got, strict=True):
        try:
            torch.testing.assert_close(another, one, rtol=1e-4, atol=1e-5)
        except AssertionError as error:
            yield f"{trial}: other values: {_last_line(error)}\n{source}"


def _last_line(error: BaseException) -> str:
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    return f"{type(error).__name__}: {' / '.join(lines[:3])[:300]}"
