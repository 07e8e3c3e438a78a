"""`her2immuno calibrate`: fit a tumour model to a patient's measurements, or to the volumes of several animals."""

from .command import NAME, run
from .options import add_arguments, read

__all__ = ["NAME", "add_arguments", "read", "run"]
