"""The weights of the best epoch."""

from specc.components import Keep


class Best(Keep):
    """Keeps the weights of the epoch with the best score: ``keep = best(val.accuracy)``.

    Which way is better follows from the metric (a loss is better when it is smaller); for a score
    that leaves it open, ``mode`` is ``"max"`` or ``"min"``. Of equal epochs the first is kept.
    """
