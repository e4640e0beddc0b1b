"""Losses against torch, and the mistakes they catch."""

import importlib

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from specc.components import Site
from specc.components.site import as_term
from specc.ir import expr as ir
from specc.testing.interpreter import LoweredComponent
from specc.types.dim import Dim
from specc.types.poly import Facts
from specc.types.signature import Bindings
from tests.stdlib.applying import apply, refused


def loss(name):
    module = importlib.import_module(f"specc.stdlib.losses.{name}")
    return getattr(module, "".join(part.capitalize() for part in name.split("_")))


SAME = ["float[B, T]", "float[B, T]"]


@pytest.mark.filterwarnings("ignore:reduction. .mean. divides:UserWarning")
@pytest.mark.parametrize("reduction", [None, "mean", "sum", "none"])
@pytest.mark.parametrize(
    ("name", "given", "settings"),
    [
        ("mse_loss", SAME, {}),
        ("l1_loss", SAME, {}),
        ("smooth_l1_loss", SAME, {"beta": 0.5}),
        ("huber_loss", SAME, {"delta": 0.5}),
        ("hinge_embedding_loss", SAME, {"margin": 2}),
        ("soft_margin_loss", SAME, {}),
        ("poisson_nll_loss", SAME, {"full": False}),
        ("margin_ranking_loss", ["float[B]"] * 3, {"margin": 0.1}),
        ("triplet_margin_loss", ["float[B, D]"] * 3, {"swap": True}),
        ("cosine_embedding_loss", ["float[B, D]", "float[B, D]", "float[B]"], {}),
        ("multi_margin_loss", ["float[B, C]", "ids(C)[B]"], {"p": 2}),
        ("binary_cross_entropy", ["probs[B]", "probs[B]"], {}),
        ("binary_cross_entropy_with_logits", ["logits[B, T]", "float[B, T]"], {"pos_weight": 2.0}),
        ("multilabel_soft_margin_loss", ["logits[B, C]", "float[B, C]"], {}),
        ("kl_div", ["log_probs[B, C]", "probs[B, C]"], {}),
        ("kl_div", ["log_probs[B, C]", "log_probs[B, C]"], {"log_target": True}),
        ("cross_entropy", ["logits[B, C]", "ids(C)[B]"], {"label_smoothing": 0.1}),
        ("cross_entropy", ["logits[B, C, H, W]", "ids(C)[B, H, W]"], {}),
        ("cross_entropy", ["logits[B, C]", "probs[B, C]"], {}),
        ("nll_loss", ["log_probs[B, C, T]", "ids(C)[B, T]"], {}),
    ],
)
def test_same_as_torch(name, given, settings, reduction):
    settings = settings | ({"reduction": reduction} if reduction else {})
    type, result, tensors, _ = apply(loss(name), *given, **settings)
    if reduction != "none":
        assert str(type) == "float[]"
    if "pos_weight" in settings:
        settings["pos_weight"] = torch.tensor(settings["pos_weight"])
    assert torch.equal(result, getattr(F, name)(*tensors, **settings))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(
    ("name", "given", "mask"),
    [
        ("mse_loss", SAME, "mask[B, T]"),
        ("mse_loss", ["float[B, T, D]"] * 2, "mask[B, T]"),
        ("huber_loss", SAME, "mask[B]"),
        ("binary_cross_entropy_with_logits", ["logits[B, T]", "float[B, T]"], "mask[B, T]"),
        ("triplet_margin_loss", ["float[B, D]"] * 3, "mask[B]"),
        ("multi_margin_loss", ["float[B, C]", "ids(C)[B]"], "mask[B]"),
        ("cross_entropy", ["logits[B, C]", "probs[B, C]"], "mask[B]"),
        ("cross_entropy", ["logits[B, C]", "ids(C)[B]"], "mask[B]"),
    ],
)
def test_a_mask_says_what_counts(name, given, mask, reduction):
    _, result, (*tensors, counts), _ = apply(
        loss(name), *given, by={"mask": mask}, reduction=reduction
    )
    every = getattr(F, name)(*tensors, reduction="none")
    expected = every[counts].mean() if reduction == "mean" else every[counts].sum()
    assert torch.allclose(result, expected)


def test_cross_entropy_over_a_sequence():
    weight = [float(i) for i in range(1, 5)]
    _, result, (scores, target, mask), _ = apply(
        loss("cross_entropy"),
        "logits[B, T, 4]",
        "ids(4)[B, T]",
        "mask[B, T]",
        dim=-1,
        weight=weight,
    )
    expected = F.cross_entropy(scores[mask], target[mask], weight=torch.tensor(weight))
    assert torch.allclose(result, expected)
    _, result, (scores, target), _ = apply(
        loss("cross_entropy"), "logits[B, T, C]", "probs[B, T, C]", dim=-1
    )
    assert torch.allclose(result, F.cross_entropy(scores.mT, target.mT))


@pytest.mark.parametrize("target", ["mask[B]", "bool[B]", "ids(2)[B]"])
def test_yes_or_no_in_every_form(target):
    name = "binary_cross_entropy_with_logits"
    _, result, (x, y), _ = apply(loss(name), "logits[B]", target)
    assert torch.equal(result, F.binary_cross_entropy_with_logits(x, y.float()))


def test_ctc_is_batch_first():
    cls = loss("ctc_loss")
    _, result, (x, y), _ = apply(cls, "log_probs[B, 12, 9]", "ids(8)[B, 3]", blank=8)
    lengths = torch.full((4,), 12), torch.full((4,), 3)
    assert torch.equal(result, F.ctc_loss(x.transpose(0, 1), y, *lengths, blank=8))
    assert refused(cls, "log_probs[B, T, 5]", "ids(8)[B, 3]").code.id == "E0505"
    assert refused(cls, "logits[B, T, 9]", "ids(8)[B, 3]").code.id == "E0508"


def test_penalties():
    for name, of in (("l1_penalty", torch.abs), ("l2_penalty", torch.square)):
        component = loss(name)(weight=0.5)
        site = Site(
            component, {}, {"module": ir.Submodule("head")}, {"weight": as_term(0.5)}, Bindings()
        )
        assert component.infer(site) is None
        module = LoweredComponent(component.lower(site), [], {})
        module.head = nn.Linear(3, 2)
        expected = 0.5 * sum(of(p).sum() for p in module.head.parameters())
        assert torch.allclose(module(), expected)


@pytest.mark.parametrize(
    ("name", "given", "settings", "code", "message", "help"),
    [
        (
            "cross_entropy",
            ["probs[B, C]", "ids(C)[B]"],
            {},
            "E0501",
            "cross_entropy wants logits, and softmax was already applied",
            "remove softmax: cross_entropy applies it",
        ),
        (
            "cross_entropy",
            ["log_probs[B, C]", "ids(C)[B]"],
            {},
            "E0501",
            "log_softmax was already applied",
            "remove log_softmax",
        ),
        (
            "binary_cross_entropy_with_logits",
            ["probs[B]", "mask[B]"],
            {},
            "E0501",
            "sigmoid was already applied",
            "remove sigmoid",
        ),
        (
            "mse_loss",
            ["float[B, 1]", "float[B]"],
            {},
            "E0502",
            "the prediction is float[B, 1], the target float[B]: they only broadcast",
            "leave the axis of size 1 out of the prediction: `|> squeeze(1)`",
        ),
        (
            "huber_loss",
            ["float[B]", "float[B, 1]"],
            {},
            "E0502",
            "they only broadcast",
            "out of the target: `|> squeeze(1)`",
        ),
        ("l1_loss", ["float[B, 3]", "float[B, 4]"], {}, "E0502", "float[B, 4]", "one shape"),
        ("l1_loss", ["float[B, T]", "float[B, S]"], {}, "E0502", "T and S are not known", "assert"),
        (
            "binary_cross_entropy_with_logits",
            ["logits[B, 1]", "mask[B]"],
            {},
            "E0502",
            "only broadcast",
            "squeeze(1)",
        ),
        (
            "cross_entropy",
            ["logits[B, 10]", "ids(7)[B]"],
            {},
            "E0505",
            "the head scores 10 classes, the data has 7",
            "as wide as",
        ),
        (
            "cross_entropy",
            ["logits[B, 10]", "ids(K)[B]"],
            {},
            "E0505",
            "not known to be equal",
            "write K where",
        ),
        (
            "binary_cross_entropy_with_logits",
            ["logits[B]", "ids(3)[B]"],
            {},
            "E0505",
            "the data has 3",
            "cross_entropy",
        ),
        (
            "cross_entropy",
            ["logits[B, T, C]", "ids(C)[B, T]"],
            {},
            "E0507",
            "looks for the classes at dim 1",
            "cross_entropy(dim=-1)",
        ),
        ("nll_loss", ["logits[B, C]", "ids(C)[B]"], {}, "E0508", "log-prob", "cross_entropy"),
        ("nll_loss", ["probs[B, C]", "ids(C)[B]"], {}, "E0508", "log-prob", "log_softmax"),
        ("binary_cross_entropy", ["logits[B]", "mask[B]"], {}, "E0508", "prob", "with_logits"),
        ("kl_div", ["probs[B, C]", "probs[B, C]"], {}, "E0508", "log-prob", "log_softmax"),
        (
            "cross_entropy",
            ["logits[B, C]", "ids(C)[B, T]"],
            {},
            "E0509",
            "a row has [T] labels and one prediction",
            "dim=-1",
        ),
        ("mse_loss", ["float[B]", "ids(3)[B]"], {}, "E0503", "target is ids(3)", "cross_entropy"),
        ("cross_entropy", ["logits[B, C]", "float[B]"], {}, "E0502", "float[B]", "one shape"),
        ("cross_entropy", ["logits[B, C]", "int[B]"], {}, "E0503", "int[B]", "categories"),
        ("cross_entropy", ["logits[B, C]", "mask[B]"], {}, "E0503", "mask[B]", "binary"),
        ("cross_entropy", ["ids(C)[B]", "logits[B, C]"], {}, "E0503", "first", "prediction"),
        ("cross_entropy", ["logits[B]", "ids(C)[B]"], {}, "E0403", "every class", "binary"),
        ("cross_entropy", ["logits[B, 1]", "ids(1)[B]"], {}, "E0403", "always zero", "binary"),
        (
            "cross_entropy",
            ["logits[B, 3]", "ids(3)[B]"],
            {"weight": [1.0, 2.0]},
            "E0303",
            "2 weights for 3 classes",
            None,
        ),
        (
            "cross_entropy",
            ["logits[B, 8]", "ids([7, 8])[B, 2]"],
            {},
            "E0509",
            "a row has [2] labels",
            None,
        ),
    ],
)
def test_mistakes(name, given, settings, code, message, help):
    said = refused(loss(name), *given, **settings)
    assert message in said.message
    assert said.code.id == code
    if help is not None:
        assert help in said.help


def test_a_mask_of_another_shape():
    said = refused(loss("mse_loss"), *SAME, by={"mask": "mask[B, S]"})
    assert said.tensor == "mask"
    said = refused(
        loss("cross_entropy"), "logits[B, T, C]", "ids(C)[B, T]", by={"mask": "mask[B]"}, dim=-1
    )
    assert said.tensor == "mask"


def test_an_assert_settles_what_is_not_known():
    K = Dim.named("K")
    facts = Facts().with_equal(K.poly, Dim.of(3).poly)
    apply(loss("cross_entropy"), "logits[B, 3]", "ids(K)[B]", facts=facts)
