"""Epoch after epoch, from any place to the end. Knows nothing of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from specc.training import random_state
from specc.training.checkpoint import Checkpoint
from specc.training.choice import Best, Kept, Patience
from specc.training.draws import augmented
from specc.training.engine import Engine
from specc.training.errors import FileRefused
from specc.training.feed import by_length, epoch_order, lengths
from specc.training.result import Value
from specc.training.slices import Batch, count, sliced
from specc.training.tally import NotFinite, Tallies, agree
from specc.training.weights import differences, distinct, local, restore


@dataclass(slots=True)
class Place:
    """Where a run stands: ``done`` batches of ``epoch`` (from 1) are behind it, ``step`` in all.

    ``over`` is true when only the test is left.
    """

    epoch: int = 1
    done: int = 0
    step: int = 0
    over: bool = False


@dataclass(slots=True)
class Trained:
    """An epoch that has been trained, before it is judged.

    The random state is kept, as an evaluation may draw numbers: a run that is resumed before it
    draws the same again.
    """

    scores: dict[str, Value]
    random: dict[str, Any]


class Events:
    """What a loop tells; it may be left by an exception from here, and be saved as it then is."""

    def stepped(self, loop: Loop) -> None:
        """After every batch."""

    def judging(self, loop: Loop) -> None:
        """Before every batch of an evaluation."""

    def epoch_ended(self, loop: Loop, epoch: int, scores: Mapping[str, Value]) -> None:
        """After the validation, when the place is the start of the next epoch."""


class Loop:
    """An engine on its way through the epochs."""

    def __init__(self, engine: Engine, events: Events) -> None:
        self.engine = engine
        self.plan = engine.plan
        self.events = events
        self.place = Place()
        self.best = Best(self.plan)
        self.patience = Patience(self.plan)
        self.scores: dict[str, Value] = {}
        """Those of the last epoch."""
        self.update: Callable[[Batch, int, Tallies], None] = engine.update
        self.rates: dict[str, float] = {}
        """The learning rates that the epoch began with."""
        self.tally: Tallies | None = None
        self.trained: Trained | None = None

    def run(self) -> None:
        """Train until the last epoch is over."""
        while not self.place.over:
            self._epoch()

    def _epoch(self) -> None:
        engine, place = self.engine, self.place
        if self.trained is None:
            if self.tally is None:
                self.tally, self.rates = engine.tally("train"), engine.rates
            self._train(self.tally)
            scores: dict[str, Value] = {**self.rates, **self.tally.scores()}
            self.tally, self.trained = None, Trained(scores, random_state.capture())
        scores = dict(self.trained.scores)
        with engine.judged():
            if "val" in engine.splits:
                scores |= engine.evaluate("val", place.step, lambda: self.events.judging(self))
            engine.after_epoch(scores)
            self.best.offer(engine.model, place.step, place.epoch, scores)
        epoch, self.scores = place.epoch, scores
        over = self.patience.over(scores) or epoch == self.plan.settings.epochs
        self.place = Place(epoch + 1, 0, place.step, over)
        self.trained = None
        self.events.epoch_ended(self, epoch, scores)

    def _train(self, tallies: Tallies) -> None:
        """The batches of the epoch that are left."""
        engine, place, settings = self.engine, self.place, self.plan.settings
        fields = engine.splits["train"]
        order = epoch_order(count(fields), settings.seed, place.epoch, self.plan.weights)
        if settings.bucket is not None:
            order = by_length(order, lengths(fields), settings.batch, settings.bucket)
        rest = order[place.done * settings.batch :].to(engine.device)
        update, stepped, augments = self.update, self.events.stepped, self.plan.augments
        engine.train_mode()
        for plain, rows in sliced(fields, settings.batch, engine.ranks, rest):
            batch = plain
            if augments:
                assert rows is not None
                changed = augmented(plain.fields, augments, rows, settings.seed, place.epoch)
                batch = replace(plain, fields=changed)
            update(batch, place.step + 1, tallies)
            place.step += 1
            place.done += 1
            stepped(self)

    def so_far(self) -> dict[str, float]:
        """The losses of the epoch until now, and the learning rates, to be shown."""
        losses = {} if self.tally is None else self.tally.so_far()
        return losses | self.engine.rates

    # --- checkpoints ---------------------------------------------------------------------------

    def checkpoint(self, about: Mapping[str, Any]) -> Checkpoint:
        """Everything that going on from here needs; ``about`` is added to what is said in JSON."""
        self._check_finite()
        place, trained, best = self.place, self.trained, self.best.kept
        weights, aliases = distinct(self.engine.model)
        state = {
            **self.engine.state(),
            "ranks": self.engine.ranks.gather(
                {
                    "random": random_state.capture() if trained is None else trained.random,
                    "tally": None if self.tally is None else self.tally.state(),
                }
            ),
            "trained": None if trained is None else trained.scores,
            "rates": self.rates,
            "patience": self.patience.state(),
            "scores": self.scores,
        }
        where = {
            "step": place.step,
            "epoch": place.epoch,
            "done": place.done,
            "over": place.over,
        }
        return Checkpoint(weights, aliases, {**where, **about}, state, best)

    def _check_finite(self) -> None:
        """Weights that a NaN has reached are not worth keeping; the next loss would show it."""
        if self.tally is not None:
            self.tally.agree()
        learning = {id(parameter) for parameter in self.engine.parameters}
        failure = None
        for name, parameter in self.engine.model.named_parameters():
            if id(parameter) in learning and not local(parameter).isfinite().all():
                failure = NotFinite.weight(name, self.place.step)
                break
        agree(self.engine.ranks, failure)

    def load(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint.

        Raises:
            FileRefused: if its tensors are not those of the model; nothing was changed then.
        """
        engine, state, about = self.engine, checkpoint.state, checkpoint.about
        self._check(checkpoint)
        restore(engine.model, checkpoint.weights, checkpoint.aliases)
        engine.load(state)
        self.place = Place(about["epoch"], about["done"], about["step"], about["over"])
        self.best.kept = checkpoint.best
        self.patience.load(state["patience"])
        self.scores = state["scores"]
        self.rates = state["rates"]
        self._load_ranks(state["ranks"], state["trained"], checkpoint.path)

    def _load_ranks(self, states: Sequence[Any], trained: Any, path: Path) -> None:
        """What each rank had for itself; where there is another number of them now, the first one
        takes over what was tallied."""
        engine, ranks = self.engine, self.engine.ranks
        same = len(states) == ranks.world
        mine = states[ranks.rank] if ranks.rank < len(states) else None
        tallies = [each["tally"] for each in states]
        if tallies[0] is not None:
            self.tally = engine.tally("train")
            try:
                if same:
                    self.tally.load(tallies[ranks.rank], engine.device)
                elif ranks.first:
                    self.tally.absorb(tallies, engine.device)
            except ValueError as error:
                raise FileRefused(
                    path,
                    f"was written by {len(states)} ranks in the middle of an epoch, and a metric "
                    f"cannot be put together: {error}",
                    help=f"--nproc {len(states)}",
                ) from error
        if mine is not None:
            random_state.put_back(mine["random"])
        if trained is not None:
            self.trained = Trained(trained, random_state.capture())

    def _check(self, checkpoint: Checkpoint) -> None:
        wanted, _ = distinct(self.engine.model)
        wrong = differences(wanted, checkpoint.weights)
        if checkpoint.best is not None:
            wrong += [f"best: {each}" for each in differences(wanted, checkpoint.best.state)]
        if wrong:
            raise FileRefused(checkpoint.path, "does not fit the model of the spec", details=wrong)

    def last(self) -> Kept:
        """The weights as they are judged now, with the scores of the last epoch."""
        with self.engine.judged():
            epoch = self.place.epoch - 1
            return Kept.of(self.engine.model, self.place.step, epoch, self.scores)
