"""Text for specc. A spec that says ``use text`` has what `specc_text.plugin` lists."""

__version__ = "0.1.0"
