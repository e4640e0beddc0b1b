"""Random numbers that belong to rows."""

from __future__ import annotations

import pytest
import torch
from scipy import stats

from specc.training.draws import RowDraws, row_keys


def draws(
    rows: int | torch.Tensor, seed: int = 1, epoch: int = 2, application: int = 0
) -> RowDraws:
    numbers = torch.arange(rows) if isinstance(rows, int) else rows
    return RowDraws(row_keys(numbers, seed, epoch, application))


def test_what_a_row_gets_depends_on_nothing_else() -> None:
    whole = draws(1000)
    wanted = [whole.uniform(), whole.whole(10), whole.chance(0.3), whole.beta(0.4), whole.uniform()]
    some = torch.tensor([999, 3, 500, 4])
    part = draws(some)
    got = [part.uniform(), part.whole(10), part.chance(0.3), part.beta(0.4), part.uniform()]
    for one, other in zip(wanted, got, strict=True):
        torch.testing.assert_close(one[some], other, rtol=1e-6, atol=0)


def test_seed_epoch_and_application_matter() -> None:
    wanted = draws(100).uniform()
    for other in (draws(100, seed=3), draws(100, epoch=3), draws(100, application=1)):
        assert (other.uniform() != wanted).sum() >= 99


def test_numbers_stay_what_they_are() -> None:
    # A run that is resumed by a later version goes on with the same images.
    found = draws(3)
    assert found.keys.tolist() == [-1442939714066995702, -6348842322802973074, -4730020379351292456]
    assert found.whole(1000).tolist() == [56, 534, 567]


@pytest.mark.parametrize(
    ("drawn", "wanted"),
    [
        (lambda d: d.uniform(), stats.uniform()),
        (lambda d: d.uniform(-3, 5), stats.uniform(-3, 8)),
        (lambda d: d.beta(1.0), stats.beta(1, 1)),
        (lambda d: d.beta(0.6), stats.beta(0.6, 0.6)),
        (lambda d: d.beta(4.0), stats.beta(4, 4)),
    ],
)
def test_distributions(drawn, wanted) -> None:
    values = drawn(draws(20_000)).double().numpy()
    assert stats.kstest(values, wanted.cdf).pvalue > 0.01


def test_small_alphas() -> None:
    for alpha in (0.05, 0.2):
        values = draws(100_000).beta(alpha)
        assert (values >= 0).all()
        assert (values <= 1).all()
        assert abs(values.mean().item() - 0.5) < 0.01
        assert abs(values.var().item() - 1 / (4 * (2 * alpha + 1))) < 0.003


def test_chances_and_whole_numbers() -> None:
    found = draws(50_000)
    assert abs(found.chance(0.2).float().mean().item() - 0.2) < 0.01
    assert not found.chance(0.0).any()
    assert found.chance(1.0).all()
    counts = found.whole(7).bincount(minlength=7)
    assert len(counts) == 7
    assert stats.chisquare(counts.numpy()).pvalue > 0.01
    pairs = torch.stack([found.uniform(), found.uniform()])
    assert abs(torch.corrcoef(pairs)[0, 1].item()) < 0.02


def test_partners_are_others() -> None:
    partner = draws(64).partners()
    assert sorted(partner.tolist()) == list(range(64))
    assert (partner != torch.arange(64)).all()
    assert draws(1).partners().tolist() == [0]
    rows = torch.randperm(64)
    # The pairs of a batch do not depend on the order of its rows.
    assert (rows[draws(rows).partners()] == partner[rows]).all()
