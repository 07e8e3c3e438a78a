"""The module's panel."""

from .panel import QuantDCEPanel

__all__ = [
    "QuantDCEPanel",
]
