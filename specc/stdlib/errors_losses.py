"""Mistakes between a model and what it is judged by."""

from __future__ import annotations

from specc.diagnostics import Code

WANTS_LOGITS = Code(
    "E0501",
    "softmax or sigmoid before a loss that wants logits",
    """The loss applies softmax or sigmoid itself. Given probabilities it applies it a second time:
training runs, learns slowly and stops at a bad place, and nothing says why.

Wrong:  (x |> linear(10) |> softmax(dim=1), label) |> cross_entropy
Right:  (x |> linear(10), label) |> cross_entropy

Wrong:  (x |> linear(1) |> sigmoid, target) |> binary_cross_entropy_with_logits
Right:  (x |> linear(1), target) |> binary_cross_entropy_with_logits

Where the probabilities are needed too, apply softmax in an output of the train section.""",
)

SHAPES_DIFFER = Code(
    "E0502",
    "the prediction and its target have different shapes",
    """A loss compares value with value, so both sides must have one shape. torch broadcasts
instead: a prediction float[B, 1] against a target float[B] becomes a table of B x B differences,
whose mean is smallest where every prediction is the average target.

Wrong:  (x |> linear(1), price) |> mse_loss                  # float[B, 1] against float[B]
Right:  (x |> linear(1) |> squeeze(1), price) |> mse_loss""",
)

CLASSES_DIFFER = Code(
    "E0505",
    "the head and the data differ in their classes",
    """The last layer must score exactly the classes that the data has. With fewer, training
stops at the first label out of range; with more, probability goes to classes that do not exist.

Wrong:  model = Net(10)                        # label: ids(7)
Right:  model = Net(label.classes)

Where the classes are only known once the data was read, a number cannot be proven to be right: the
attribute is.""",
)

CLASSES_ELSEWHERE = Code(
    "E0507",
    "the classes are not where the loss looks for them",
    """cross_entropy and nll_loss look for the classes at dim 1, as in torch: logits[B, C, ...]
against ids(C)[B, ...]. A model that scores every word of a sequence usually has them last.

Wrong:  (h |> linear(tags), tag) |> cross_entropy            # logits[B, T, C] against ids(C)[B, T]
Right:  (h |> linear(tags), tag) |> cross_entropy(dim=-1)""",
)

WANTS_PROBS = Code(
    "E0508",
    "a loss that wants probabilities is given something else",
    """binary_cross_entropy wants probabilities, nll_loss and kl_div want their logarithms. The
losses that apply softmax or sigmoid themselves are exact where these lose digits, and take logits.

Wrong:  (scores, target) |> binary_cross_entropy             # scores: logits[B]
Right:  (scores, target) |> binary_cross_entropy_with_logits

Wrong:  (scores |> softmax(dim=1), label) |> nll_loss
Right:  (scores, label) |> cross_entropy""",
)

ONE_FOR_MANY = Code(
    "E0509",
    "one prediction for many labels",
    """Every step of the sequence has a label, but the model scores the sequence once. torch refuses
some of these and broadcasts others.

Wrong:  h = words |> embedding(100, 32) |> lstm(64)
        (h.output[:, -1] |> linear(tags), tag) |> cross_entropy      # tag: ids(tags)[B, T]
Right:  (h.output |> linear(tags), tag) |> cross_entropy(dim=-1)""",
)
