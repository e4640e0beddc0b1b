"""``python -m specc`` is the command ``specc``; so torchrun starts its ranks."""

import os

if "RANK" in os.environ:
    # torch reads it when it is imported: what it logs would be said once by every rank.
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")

from specc.cli.main import main

if __name__ == "__main__":
    main()
