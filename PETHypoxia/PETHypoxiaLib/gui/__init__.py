"""The module's panel."""

from .panel import Panel

__all__ = [
    "Panel",
]
