"""report.html: what a run did and what it came to, on one page that needs nothing else."""

from specc.reporting.page import PAGE, write_report

__all__ = ["PAGE", "write_report"]
