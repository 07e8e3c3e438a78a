"""What the SUV says of hypoxia: reference region, ratios, peak, volume and fraction."""

from .metrics import HypoxiaMetrics, hypoxia_metrics
from .reference_region import ratio_map

__all__ = [
    "HypoxiaMetrics",
    "hypoxia_metrics",
    "ratio_map",
]
