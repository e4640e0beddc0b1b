"""Images for specc. A spec that says ``use vision`` has what `specc_vision.plugin` lists."""

__version__ = "0.1.0"
