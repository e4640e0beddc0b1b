"""Tokenizers that are learned from texts: the same texts give the same bytes in every process."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Model = Literal["whitespace", "wordpiece", "bpe", "characters"]
Normalization = Literal["nfc", "nfd", "nfkc", "nfkd"]

SPECIAL = ("[PAD]", "[UNK]", "[BOS]", "[EOS]")
"""Their ids are 0, 1, 2, 3 in every tokenizer that is learned; 0 is what rows are padded with."""

UNKNOWN, BEGIN, END = SPECIAL[1:]

BYTES = 256
"""The alphabet of a byte-level model."""


class TooFewIdsError(Exception):
    """A model has more letters than it may have tokens; ``needed`` says how many ids it takes."""

    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


@dataclass(frozen=True, slots=True)
class Recipe:
    """What kind of tokenizer is wanted."""

    model: Model
    vocab_size: int
    min_frequency: int
    normalization: Normalization | None
    lower: bool
    strip_accents: bool
    begin: bool
    end: bool


def learned(recipe: Recipe, texts: Iterable[Sequence[str]]) -> str:
    """The tokenizer that some lots of texts give, in the library's own JSON.

    One pass over them suffices; for wordpieces, which take two, they are kept.

    Raises:
        TooFewIdsError: if there is no room for all letters.
    """
    tokenizer = _untrained(recipe)
    _train(tokenizer, recipe, texts)
    tokenizer.post_processor = _frame(recipe)
    told = json.loads(tokenizer.to_str())
    # The letters of wordpieces were given to the library as special ones, which they are not.
    told["added_tokens"] = [each for each in told["added_tokens"] if each["content"] in SPECIAL]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _untrained(recipe: Recipe) -> Tokenizer:
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    match recipe.model:
        case "whitespace":
            tokenizer = Tokenizer(models.WordLevel({}, unk_token=UNKNOWN))
            tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        case "characters":
            tokenizer = Tokenizer(models.WordLevel({}, unk_token=UNKNOWN))
            tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
            tokenizer.decoder = decoders.Fuse()
        case "wordpiece":
            tokenizer = Tokenizer(models.WordPiece({}, unk_token=UNKNOWN))
            tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
            tokenizer.decoder = decoders.WordPiece()
        case "bpe":
            tokenizer = Tokenizer(models.BPE())
            tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
            tokenizer.decoder = decoders.ByteLevel()
    forms = {
        "nfc": normalizers.NFC,
        "nfd": normalizers.NFD,
        "nfkc": normalizers.NFKC,
        "nfkd": normalizers.NFKD,
    }
    steps: list[Any] = []
    if recipe.strip_accents:
        steps += [normalizers.NFD(), normalizers.StripAccents()]
    if recipe.lower:
        steps.append(normalizers.Lowercase())
    if recipe.normalization is not None:
        steps.append(forms[recipe.normalization]())
    if steps:
        tokenizer.normalizer = normalizers.Sequence(steps)
    return tokenizer


def _train(tokenizer: Tokenizer, recipe: Recipe, texts: Iterable[Sequence[str]]) -> None:
    from tokenizers import pre_tokenizers, trainers

    common: dict[str, Any] = {
        "vocab_size": recipe.vocab_size,
        "min_frequency": recipe.min_frequency,
        "special_tokens": list(SPECIAL),
        "show_progress": False,
    }
    match recipe.model:
        case "whitespace" | "characters":
            # The library counts before it sorts, by count and then by spelling.
            tokenizer.train_from_iterator(texts, trainers.WordLevelTrainer(**common))
        case "bpe":
            alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
            trainer = trainers.BpeTrainer(initial_alphabet=alphabet, **common)
            tokenizer.train_from_iterator(texts, trainer)
        case "wordpiece":
            _train_pieces(tokenizer, recipe, list(texts), common)


def _train_pieces(
    tokenizer: Tokenizer, recipe: Recipe, texts: list[Sequence[str]], common: dict[str, Any]
) -> None:
    """Wordpieces, in an order that does not change from process to process.

    The library numbers the letters inside of words (``##a``) in the order of a hash table with a
    random seed, and where two merges are equally frequent it takes the one of lower numbers. So the
    letters are found in a first pass that merges nothing, and are given in their order to a second.
    """
    from tokenizers import models, trainers

    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(**common | {"vocab_size": 0}))
    letters = sorted(set(tokenizer.get_vocab()) - set(SPECIAL))
    if len(SPECIAL) + len(letters) > recipe.vocab_size:
        raise TooFewIdsError(len(SPECIAL) + len(letters))
    tokenizer.model = models.WordPiece({}, unk_token=UNKNOWN)
    fixed = common | {"special_tokens": [*SPECIAL, *letters]}
    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(**fixed))


def _frame(recipe: Recipe) -> Any:
    """What stands before and after each text."""
    from tokenizers import processors

    if not (recipe.begin or recipe.end):
        return None
    names = [*([BEGIN] if recipe.begin else []), "$A", *([END] if recipe.end else [])]
    tokens = [(name, SPECIAL.index(name)) for name in names if name != "$A"]
    return processors.TemplateProcessing(single=" ".join(names), special_tokens=tokens)
