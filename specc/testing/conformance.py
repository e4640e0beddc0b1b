"""Whether a component does what it says: `check_component`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from torch import nn

from specc.components import Augmentation, Example, Layer, Refusal, TensorComponent, Transform
from specc.testing.application import Application, DoesNotMatch, apply, named_inputs, type_of
from specc.testing.batches import AugmentationRun, drawn_batches
from specc.testing.columns import TransformRun, drawn_rows
from specc.testing.drawing import disagreement
from specc.testing.examples import Trial, alternatives, batch_axes, chosen_sizes, drawn_examples
from specc.testing.report import Report, Run
from specc.testing.running import (
    behaviour,
    dense,
    differing,
    equal,
    forward,
    in_numbers,
    listed,
    loss_of,
    module_of,
    sources,
    tensors_of,
    wrapped,
    wrong_types,
)

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


def check_component(cls: type[TensorComponent], *examples: Example, root: Path = Path()) -> Report:
    """Try a component in every way that is cheap, on the CPU.

    Configurations and tensors come from ``examples``, else from ``cls.examples``; without any they
    are drawn from the fields and the signature. ``cls.exceptions`` names the checks that the
    component does not pass and why; an exception for a check that it does pass is a failure too.
    Transforms find the files that they read under ``root``. Sources, splits and what else takes no
    tensors is not for this function.
    """
    given = examples or cls.examples
    run: Run
    if issubclass(cls, Transform):
        run = TransformRun(cls, given or tuple(drawn_rows(cls)), root)
    elif issubclass(cls, Augmentation):
        run = AugmentationRun(cls, given or tuple(drawn_batches(cls)))
    else:
        run = _Run(cls, given or tuple(drawn_examples(cls)))
    run.all()
    return run.report


class _Run(Run):
    """The checks of what is part of a model."""

    checks = CHECKS

    def __init__(self, cls: type[TensorComponent], examples: tuple[Example, ...]) -> None:
        super().__init__(cls, examples)
        self.behaviours: dict[int, list[Any]] = {}

    def _trials(self, check: str, rounds: int = 1) -> Iterator[tuple[Trial, Application]]:
        for example, round in itertools.product(self.examples, range(rounds)):
            trial = Trial(example, chosen_sizes(example, round))
            application = apply(self.cls, example.config, trial.inputs(self.cls))
            self._count(check)
            yield trial, application

    # --- types ---------------------------------------------------------------------------------

    def _types(self) -> Iterator[str]:
        for example, round in itertools.product(self.examples, range(2)):
            trial = Trial(example, chosen_sizes(example, round))
            try:
                application = apply(self.cls, example.config, trial.inputs(self.cls))
            except (ValidationError, DoesNotMatch, Refusal) as error:
                yield f"{trial} is refused: {error}"
                continue
            self._count("types")
            for training in (False, True):
                result = forward(module_of(application, training), tensors_of(application))
                yield from (f"{trial}: {each}" for each in wrong_types(application.outputs, result))

    def _symbolic(self) -> Iterator[str]:
        for example in self.examples:
            types = {name: type_of(text) for name, text in example.inputs.items()}
            try:
                open_ = apply(self.cls, example.config, named_inputs(self.cls, types))
            except Refusal as refusal:
                yield f"{example} is refused where its sizes are names: {refusal.message}"
                continue
            for round in range(2):
                trial = Trial(example, chosen_sizes(example, round))
                known = apply(self.cls, example.config, trial.inputs(self.cls))
                self._count("symbolic")
                for condition in open_.site.preconditions:
                    if in_numbers(condition.size, trial.sizes)[0] < condition.least:
                        yield f"{trial}: its precondition is false: {condition.why}"
                yield from (f"{trial}: {each}" for each in differing(open_, known, trial.sizes))

    # --- learning ------------------------------------------------------------------------------

    def _gradients(self) -> Iterator[str]:
        learns: dict[str, bool] = {}
        for trial, application in self._trials("gradients"):
            module = module_of(application, training=True)
            tensors = tensors_of(application)
            loss = loss_of(forward(module, tensors))
            if loss is None:
                continue  # nothing that has a gradient
            if not loss.requires_grad:
                yield f"{trial}: nothing has a gradient"
                continue
            loss.backward()  # type: ignore[no-untyped-call]
            for name, tensor in sources(application, module, tensors):
                gradient = None if tensor.grad is None else dense(tensor.grad)
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
            module, other = module_of(application, seed=1), module_of(application, seed=2)
            other.load_state_dict(module.state_dict(), strict=True)
            tensors = tensors_of(application)
            if not equal(forward(module, tensors), forward(other, tensors)):
                yield f"{trial}: another instance with the same state dict gives other values"

    def _weights(self) -> Iterator[str]:
        if not issubclass(self.cls, Layer) or not self.cls.weights:
            return
        seen: set[str] = set()
        for trial, application in self._trials("weights"):
            (child,) = module_of(application).children()
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
            others += [{**config, name: value} for value in alternatives(annotation, config, name)]
            others += [
                {**config, name: each.config[name]}
                for each in self.examples
                if name in each.config and each.config[name] != config.get(name)
            ]
            for other in others:
                yield self._differ(example, other)

    def _differ(self, example: Example, config: Mapping[str, Any]) -> bool:
        try:
            seen = behaviour(self.cls, Example(example.inputs, **config))
        except (ValidationError, DoesNotMatch, Refusal):
            return False
        position = self.examples.index(example)
        if position not in self.behaviours:
            self.behaviours[position] = behaviour(self.cls, example)
        return not equal(self.behaviours[position], seen)

    # --- other forms ---------------------------------------------------------------------------

    def _torchscript(self) -> Iterator[str]:
        for trial, application in self._trials("torchscript"):
            try:
                module, source = wrapped(application)
                scripted = torch.jit.script(module)
            except Exception as error:  # noqa: BLE001 - whatever torch raises is the answer
                yield f"{trial}: {_last_line(error)}"
                continue
            yield from _same_results(trial, application, module, scripted, source)

    def _export(self) -> Iterator[str]:
        for trial, application in self._trials("export"):
            module, source = wrapped(application)
            tensors = tuple(tensor.detach() for tensor in tensors_of(application))
            if not tensors:
                continue
            axes = batch_axes(trial, self.cls)
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

    def _larger(self, trial: Trial) -> Application | None:
        """The same with a batch of another size; everything else is built into an export."""
        if "B" not in trial.sizes:
            return None
        larger = Trial(trial.example, {**trial.sizes, "B": trial.sizes["B"] + 3})
        return apply(self.cls, trial.example.config, larger.inputs(self.cls))


def _same_results(
    trial: Trial, application: Application, module: nn.Module, other: Any, source: str
) -> Iterator[str]:
    tensors = [tensor.detach() for tensor in tensors_of(application)]
    wanted, got = listed(forward(module, tensors)), listed(forward(other, tensors))
    for one, another in zip(wanted, got, strict=True):
        try:
            torch.testing.assert_close(another, one, rtol=1e-4, atol=1e-5)
        except AssertionError as error:
            yield f"{trial}: other values: {_last_line(error)}\n{source}"


def _last_line(error: BaseException) -> str:
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    return f"{type(error).__name__}: {' / '.join(lines[:3])[:300]}"
