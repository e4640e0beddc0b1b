"""specc-text as a stranger's machine has it: text in, text out."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugins.conftest import ROOT, Installed

PLUGIN = ROOT / "plugins" / "specc-text"

COPIES = """nnspec 1

use text

## Says what it reads.
model Copy(vocabulary: int) {
  input letters: ids(vocabulary)[B, T]
  x = letters |> embedding(vocabulary, 32)
  output scores: logits[B, T, vocabulary] = x |> linear(vocabulary)
}

data Words {
  source = csv("words.csv")
  letters = source.word |> tokenize("characters", vocab_size=300, begin=true, end=true)
}

train {
  data = Words
  model = Copy(letters.vocab)
  scores = letters |> model
  loss = (scores, letters, mask=letters.mask) |> cross_entropy(dim=-1)
  output said = scores |> argmax(dim=-1) |> inverse(letters)
  output numbers = scores |> argmax(dim=-1)
  optimizer = adam(lr=0.05)
  epochs = 40
}
"""

WORDS = ["one", "three", "seven", "eleven", "twenty two", "naïve"]


@pytest.fixture
def text(installed: Callable[[str], Installed]) -> Installed:
    return installed("specc-text")


@pytest.fixture
def sentences(tmp_path: Path) -> Path:
    """The spec of the plugin with its data."""
    shutil.copytree(PLUGIN / "specs", tmp_path, dirs_exist_ok=True)
    return tmp_path


def predicted(done: subprocess.CompletedProcess[str]) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_sentences_are_learned_and_told_apart(text: Installed, sentences: Path) -> None:
    done = text.specc(sentences, "train", "sentences.nnspec", "train.epochs=2", "--quiet")
    assert done.returncode == 0, done.stderr
    (run,) = (sentences / "runs").glob("*/*/")
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert max(line.get("val.accuracy", 0) for line in lines) > 0.75
    shutil.rmtree(sentences / "data")  # a run says what it says without what it came from
    asked = ["how do you get to the station", "i get to the station by bus"]
    (sentences / "new.txt").write_text("\n".join(asked))
    (sentences / "new.jsonl").write_text("\n".join(json.dumps({"text": each}) for each in asked))
    done = text.specc(sentences, "predict", str(run), "new.txt", "new.jsonl")
    assert predicted(done) == [
        {"input": f"{name}:{row}", "guess": guess}
        for name in ("new.txt", "new.jsonl")
        for row, guess in ((1, "question"), (2, "statement"))
    ]


def test_predictions_are_text_again(text: Installed, tmp_path: Path) -> None:
    (tmp_path / "copies.nnspec").write_text(COPIES)
    (tmp_path / "words.csv").write_text("\n".join(["word", *WORDS]))
    done = text.specc(tmp_path, "train", "copies.nnspec", "--quiet")
    assert done.returncode == 0, done.stderr
    rows = predicted(text.specc(tmp_path, "predict", "runs/copies/1", "words.csv"))
    assert [row["said"] for row in rows] == WORDS
    # Rows stand in one batch: what is padding in it is no part of a prediction.
    assert [len(row["numbers"]) for row in rows] == [len(word) + 2 for word in WORDS]
    assert all(row["numbers"][0] == 2 and row["numbers"][-1] == 3 for row in rows)


def test_a_missing_tokenizer_is_told_of_as_missing_data_is(
    text: Installed, sentences: Path
) -> None:
    spec = sentences / "sentences.nnspec"
    called = spec.read_text().split("tokenize(")[1].split(")")[0]
    spec.write_text(spec.read_text().replace(f"tokenize({called})", 'saved_tokenizer("tok.json")'))
    done = text.specc(sentences, "check", "sentences.nnspec")
    assert done.returncode == 0, done.stdout
    assert "warning[W0650]: `tok.json` is not there" in done.stdout
    assert "sentences.nnspec:21:24" in done.stdout
    (sentences / "tok.json").write_text("{}")
    done = text.specc(sentences, "check", "sentences.nnspec")
    assert done.returncode == 2
    assert "error[E0603]: `tok.json` is no tokenizer" in done.stdout


def test_the_size_of_a_saved_vocabulary_is_known_when_checked(
    text: Installed, sentences: Path
) -> None:
    words = {"[UNK]": 0, "you": 1, "i": 2}
    (sentences / "tok.json").write_text(
        json.dumps({"model": {"type": "WordLevel", "vocab": words, "unk_token": "[UNK]"}})
    )
    spec = sentences / "sentences.nnspec"
    called = spec.read_text().split("tokenize(")[1].split(")")[0]
    changed = spec.read_text().replace(f"tokenize({called})", 'saved_tokenizer("tok.json")')
    spec.write_text(changed.replace("Sentence(pieces.vocab", "Sentence(pieces.vocab - 1"))
    done = text.specc(sentences, "check", "sentences.nnspec")
    assert done.returncode == 2
    assert "ids(3)" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("vocab_size=1000", "vocab_size=3", ("has to be more than 4", ":21:41")),
        ('"wordpiece", vocab_size=1000', '"bpe", vocab_size=100', ("error[E0303]", ":21:35")),
        ('"wordpiece"', '"pieces"', ('"wordpiece"', ":21:17")),
        ("max_length=40", "max_length=1", ("no room for text", "sentences.nnspec:21:")),
    ],
)
def test_mistakes_are_said_at_their_place(
    text: Installed, sentences: Path, old: str, new: str, wanted: tuple[str, ...]
) -> None:
    spec = sentences / "sentences.nnspec"
    assert old in spec.read_text()
    spec.write_text(spec.read_text().replace(old, new))
    done = text.specc(sentences, "check", "sentences.nnspec")
    assert done.returncode == 2
    assert [words for words in wanted if words not in done.stdout] == [], done.stdout
