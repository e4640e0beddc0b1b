"""Ways to train the same module on the same rows: each gives the seconds of one epoch.

What is timed is the pass over the training rows alone; what comes before it once (imports, workers,
the first step) is not. The module is the one that specc emits, in fp32, with Adam, for all of them.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

RATE = 1e-3


@dataclass(frozen=True)
class Task:
    """A classification task: rows in memory, and how its module is made."""

    build: Callable[[], nn.Module]
    inputs: Tensor
    labels: Tensor
    batch: int


class Rows(Dataset[Any]):
    """A row at a time, as tutorials write it."""

    def __init__(self, task: Task) -> None:
        self.inputs, self.labels = task.inputs, task.labels

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.inputs[index], self.labels[index]


def script(task: Task) -> Callable[[], float]:
    """The usual script: a Dataset of rows, a DataLoader, ``loss.item()`` each step."""
    model = task.build()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    loader = DataLoader(Rows(task), batch_size=task.batch, shuffle=True)

    def epoch() -> float:
        model.train()
        began, total = time.perf_counter(), 0.0
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
        return time.perf_counter() - began

    return epoch


def tuned(task: Task) -> Callable[[], float]:
    """What an expert writes: rows gathered at once, one kernel a step, no waiting for the loss."""
    model = task.build()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    inputs, labels = task.inputs, task.labels

    def epoch() -> float:
        model.train()
        began, total = time.perf_counter(), torch.zeros(())
        for rows in torch.randperm(len(inputs)).split(task.batch):
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(model(inputs[rows]), labels[rows])
            loss.backward()
            optimizer.step()
            total += loss.detach()
        total.item()
        return time.perf_counter() - began

    return epoch


def lightning(task: Task) -> Callable[[], float]:
    """Lightning's Trainer, without its logger, bar and checkpoints."""
    import logging
    import warnings

    import lightning as L

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")
    marks: list[float] = []

    class Module(L.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.model = task.build()

        def training_step(self, batch: Any, index: int) -> Tensor:
            inputs, labels = batch
            loss = F.cross_entropy(self.model(inputs), labels)
            self.log("loss", loss)
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=RATE)

        def on_train_epoch_start(self) -> None:
            marks.append(time.perf_counter())

        def on_train_epoch_end(self) -> None:
            marks.append(time.perf_counter())

    module, loader = Module(), _loader(task)

    def epoch() -> float:
        marks.clear()
        trainer = L.Trainer(
            max_epochs=2,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(module, loader)
        return marks[3] - marks[2]

    return epoch


def accelerate(task: Task) -> Callable[[], float]:
    """Accelerate's wrappers around a hand-written loop."""
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=True)
    model = task.build()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    model, optimizer, loader = accelerator.prepare(model, optimizer, _loader(task))

    def epoch() -> float:
        model.train()
        began, total = time.perf_counter(), 0.0
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(inputs), labels)
            accelerator.backward(loss)
            optimizer.step()
            total += loss.item()
        return time.perf_counter() - began

    return epoch


def trainer(task: Task) -> Callable[[], float]:
    """The Trainer of transformers."""
    import tempfile

    from transformers import Trainer, TrainerCallback, TrainingArguments
    from transformers.utils import logging

    logging.set_verbosity_error()
    marks: list[float] = []

    class Clock(TrainerCallback):
        def on_epoch_begin(self, *args: Any, **kwargs: Any) -> None:
            marks.append(time.perf_counter())

        def on_epoch_end(self, *args: Any, **kwargs: Any) -> None:
            marks.append(time.perf_counter())

    class Wrapped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = task.build()

        def forward(self, inputs: Tensor, labels: Tensor) -> dict[str, Tensor]:
            scores = self.model(inputs)
            return {"loss": F.cross_entropy(scores, labels), "logits": scores}

    def collate(rows: list[tuple[Tensor, Tensor]]) -> dict[str, Tensor]:
        inputs, labels = zip(*rows, strict=True)
        return {"inputs": torch.stack(inputs), "labels": torch.stack(labels)}

    model = Wrapped()
    folder = tempfile.mkdtemp()

    def epoch() -> float:
        marks.clear()
        options = TrainingArguments(
            output_dir=folder,
            num_train_epochs=2,
            per_device_train_batch_size=task.batch,
            learning_rate=RATE,
            use_cpu=True,
            report_to=[],
            save_strategy="no",
            logging_strategy="epoch",
            disable_tqdm=True,
        )
        clock = Clock()
        made = Trainer(
            model=model,
            args=options,
            train_dataset=Rows(task),
            data_collator=collate,
            callbacks=[clock],
        )
        from transformers import PrinterCallback

        made.remove_callback(PrinterCallback)
        made.train()
        return marks[3] - marks[2]

    return epoch


def _loader(task: Task) -> DataLoader[Any]:
    return DataLoader(TensorDataset(task.inputs, task.labels), batch_size=task.batch, shuffle=True)


OTHERS: dict[str, tuple[Callable[[Task], Callable[[], float]], str | None]] = {
    "script": (script, None),
    "tuned": (tuned, None),
    "lightning": (lightning, "lightning"),
    "accelerate": (accelerate, "accelerate"),
    "trainer": (trainer, "transformers"),
}
"""Each with the package that it needs."""


def installed(package: str | None) -> bool:
    return package is None or importlib.util.find_spec(package) is not None
