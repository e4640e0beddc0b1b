"""The end of a train section: what it lacks, what nothing uses, and what each step inherits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from specc.analysis import errors_sections as errors
from specc.analysis.padding import check_lengths
from specc.analysis.reading import nodes
from specc.analysis.settings import validate
from specc.analysis.train_groups import configured_group
from specc.analysis.train_names import all_within
from specc.analysis.train_step import StepBody
from specc.analysis.train_updates import UpdateBody
from specc.analysis.train_values import Group, NamedMetric, StepSection
from specc.analysis.values import Poison, TensorValue, is_tensor
from specc.diagnostics import Label
from specc.diagnostics.suggest import closest, did_you_mean
from specc.ir import expr as ir
from specc.ir import program as steps
from specc.ir.slicing import locals_in
from specc.syntax import tree

if TYPE_CHECKING:
    from specc.analysis.train_section import TrainBody


class Finish:
    """Looks at a section whose lines have all been read."""

    def __init__(self, body: TrainBody) -> None:
        self.body = body
        self.train = body.train
        self.whole = body.part
        self.collector = body.context.collector
        self.refused: list[Group] = []
        """Groups that were reported, perhaps for another step."""
        self.suspected: set[str] = set()
        """Names that are no settings, and may be what a missing one was meant to be."""

    def run(self) -> None:
        """Report what is missing or not used, and put the steps together."""
        body, train = self.body, self.train
        alone = not self.inner_names()
        required = ["data", "model", *(["loss", "optimizer"] if alone else [])]
        required += [n for n, f in body.settings.model_fields.items() if f.is_required()]
        for name in required:
            if name not in train.spans:
                self.missing(body, self.whole, name)
        if not any(isinstance(a.value, Poison) for a in body.given.values()):
            train.settings = validate(body, body.settings, "train", body.given, train.section.head)
        train.body = tuple(body.steps)
        if alone:
            train.steps = [self.whole]
            self.whole.body = train.body
            self.whole.settings = None
        else:
            for inner in body.inner:
                self.inherit(inner)
            self.measure_with_the_last()
        bodies: list[UpdateBody] = [body, *body.inner]
        for each in bodies:
            self.thaw(each)
        for part, own in zip(train.steps, bodies[1:] or bodies, strict=False):
            self.group(part, own)
        used = [self.used(part.body, self.roots(part)) for part in train.steps]
        used.append(self.used(train.body, [ir.Local(name) for name in train.outputs]))
        together = self.fields(set().union(*used))
        train.fields = tuple(name for name in body.field_names if name in together)
        if not self.collector.failed:
            check_lengths(body, body.preconditions)
        train.conditions = tuple(
            condition
            for condition, _ in body.preconditions
            if condition.size.poly.variables <= body.context.ragged
        )
        for part, own in zip(train.steps, bodies[1:] or bodies, strict=False):
            part.terms = self.terms(part, own)
        whole = not body.incomplete and not self.collector.failed
        if whole:
            self.instances()
        self.unused(body, set().union(*used), whole)
        for inner, own_used in zip(body.inner, used, strict=False):
            self.unused(inner, own_used, whole)

    def inner_names(self) -> list[str]:
        return self.body.step_names

    # --- steps ---------------------------------------------------------------------------------

    def inherit(self, inner: StepBody) -> None:
        """What a step does not say is the section's; what neither says is missing."""
        train, part, whole = self.train, inner.part, self.whole
        for name in ("loss", "optimizer"):
            if part.named(name) not in train.spans and name not in train.spans:
                self.missing(inner, part, name)
        for name in ("loss", "optimizer", "schedule", "update"):
            if part.named(name) not in train.spans:
                setattr(part, name, getattr(whole, name))
        part.body = (*train.body, *inner.steps)
        if any(isinstance(a.value, Poison) for a in inner.given.values()):
            return
        own = validate(inner, inner.settings, part.name, inner.given, part.head)
        if own is not None and train.settings is not None:
            section = dict(train.settings)
            taken = {
                name: section[name]
                for name in inner.settings.model_fields
                if name in section and name not in inner.given
            }
            part.settings = own.model_copy(update=taken)

    def measure_with_the_last(self) -> None:
        """The metrics of the section are computed with its last step, before that step's lines:
        these may bind a name of the section anew."""
        train = self.train
        if not self.body.inner:
            return
        last = self.body.inner[-1]
        kept: list[steps.Step] = []
        for metric in self.whole.metrics:
            names = [f"{metric.name}_input_{k}" for k, _ in enumerate(metric.arguments)]
            for name, argument in zip(names, metric.arguments, strict=True):
                kept.append(steps.Let((name,), argument, (), ()))
            arguments = tuple(ir.Local(name) for name in names)
            train.metrics.append(
                NamedMetric(metric.name, metric.component, metric.construct, arguments)
            )
        last.part.body = (*train.body, *kept, *last.steps)

    def thaw(self, inner: UpdateBody) -> None:
        """What is frozen cannot be updated as well."""
        part, spans = inner.part, self.train.spans
        said = part.named("update")
        if said in spans and all_within(part.update, self.body.frozen):
            inner.error(
                errors.UPDATES_FROZEN,
                "what this step updates is frozen" if part.name else "what is updated is frozen",
                spans[said],
                "learns nothing",
                labels=(Label(spans["freeze"], "frozen here"),),
                help="take it out of `freeze`; what no step updates is frozen anyway",
            )

    def group(self, part: StepSection, own: UpdateBody) -> None:
        """The optimizer of a step as it is for each group, those of the section first."""
        if part.optimizer is None:
            return
        groups = part.groups if part is self.whole else [*self.whole.groups, *part.groups]
        for group in groups:
            if group in self.refused:
                continue
            found = configured_group(own, group, part, part.optimizer)
            if found is not None:
                part.grouped.append((group, found))
            else:
                self.refused.append(group)

    def terms(self, part: StepSection, inner: UpdateBody) -> tuple[str, ...]:
        """The scalars that a loss is made of, where they have names."""
        if part.loss is None:
            return ()
        bound = locals_in(part.loss) - set(self.body.field_names)
        return tuple(name for name in inner.names if name in bound and _scalar(inner, name))

    def roots(self, part: StepSection) -> list[Any]:
        """What a step has to compute."""
        metrics = [metric.arguments for metric in part.metrics]
        if part is self.train.steps[-1]:
            metrics += [metric.arguments for metric in self.train.metrics]
        return [part.loss, *metrics]

    def used(self, body: Iterable[steps.Step], roots: list[Any]) -> set[str]:
        """Every local that some results need."""
        used = set().union(*map(locals_in, roots))
        for step in reversed(list(body)):
            targets = set(step.targets) if isinstance(step, steps.Let) else set()
            if not targets or targets & used:
                used |= locals_in(step)
        return used

    def fields(self, used: set[str]) -> set[str]:
        """The fields that are read; what changes fields together needs all of them."""
        data = self.train.data
        if data is None:
            return used
        together = [set(e.fields) for e in data.augments if used & set(e.fields)]
        found = used.union(*together)
        if not found & set(self.body.field_names):
            found |= set(self.body.field_names[:1])  # it says how many rows a batch has
        return found

    # --- what is wrong -------------------------------------------------------------------------

    def missing(self, body: UpdateBody, part: StepSection, name: str) -> None:
        near = closest(name, body.unknown)
        self.suspected |= {each for each in body.unknown if closest(name, [each])}
        body.error(
            errors.MISSING_SETTING,
            f"`{part.name or self.train.name}` does not say its `{name}`",
            part.head if near is None else body.unknown[near],
            f"`{name}` is missing" if near is None else "no setting is called so",
            help=_EXAMPLES.get(name) if near is None else f"did you mean `{name}`?",
        )

    def instances(self) -> None:
        """Report models that nothing applies."""
        for name, instance in self.train.instances.items():
            if instance.variant is None:
                self.body.error(
                    errors.UNUSED_IN_TRAIN,
                    f"`{name}` is applied to nothing",
                    instance.span,
                    "not used",
                    help=f"pipe a field into it: `image |> {name}`",
                )

    def unused(self, body: UpdateBody, used: set[str], whole: bool) -> None:
        """Report names that are no settings, and that nothing needs.

        Where the section is not ``whole``, what is wrong may be what would need a tensor.
        """
        for name, span in body.unknown.items():
            binding = body.names.get(name)
            if binding is None or isinstance(binding.value, Poison) or name in used:
                continue
            if name in self.suspected or (is_tensor(binding.value) and not whole):
                continue
            if not is_tensor(binding.value) and self.read(name):
                continue
            known = [*body.bound, *body.settings.model_fields]
            body.error(
                errors.UNUSED_IN_TRAIN,
                f"`{name}` is no setting, and nothing uses it",
                span,
                "not used",
                help=did_you_mean(name, known) or "remove the line, or use the name in the loss",
            )

    def read(self, name: str) -> bool:
        """Whether a plain name is mentioned anywhere in the section."""
        targets = {
            id(t)
            for s in nodes(self.train.section.body)
            if isinstance(s, tree.Assign)
            for t in s.targets
        }
        return any(
            isinstance(n, tree.Name) and n.id == name and id(n) not in targets
            for n in nodes(self.train.section.body)
        )


def _scalar(body: UpdateBody, name: str) -> bool:
    value = body.names[name].value
    return (
        isinstance(value, TensorValue)
        and not value.type.rank
        and value.type.element.base == "float"
    )


_EXAMPLES = {
    "data": "such as `data = Digits`",
    "model": "such as `model = Net(label.classes)`",
    "loss": "such as `loss = (scores, label) |> cross_entropy`",
    "optimizer": "such as `optimizer = adam(lr=1e-3)`",
    "epochs": "such as `epochs = 20`",
}
