"""The commands of PET: SUV, and the hypoxia of a tumour."""

from . import hypoxia, suv

__all__ = ["hypoxia", "suv"]
