"""Semi-quantitative measures of enhancement and the functional tumour volume."""

from .ftv import SER_COLOURS, Ftv, FtvRule, bin_names, functional_tumour_volume

__all__ = [
    "SER_COLOURS",
    "Ftv",
    "FtvRule",
    "bin_names",
    "functional_tumour_volume",
]
