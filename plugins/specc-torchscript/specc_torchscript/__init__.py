"""TorchScript artefacts for specc."""

__version__ = "0.1.0"
