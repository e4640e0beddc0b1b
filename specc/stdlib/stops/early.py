"""An end when nothing gets better."""

from specc.components import Stop


class Early(Stop):
    """Ends the run when a score has not become better for ``patience`` epochs.

    ``stop = early(val.loss, patience=5)``. Better means by more than ``min_delta``. Which way is
    better follows from the metric, or is ``mode``: ``"max"`` or ``"min"``.
    """
