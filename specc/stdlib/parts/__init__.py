"""Torch code that is copied into emitted modules; each file stands alone, on torch only.

A part may use ``torch``, ``nn``, ``F``, ``math``, ``Tensor`` and builtins, and nothing else: the
source of the class or function is copied, not its file.
"""
