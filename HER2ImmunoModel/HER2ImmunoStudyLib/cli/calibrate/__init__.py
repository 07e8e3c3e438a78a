"""`her2immuno calibrate`: fit a tumour model to a patient's measurements, or to the volumes of several animals."""

from .command import HELP, NAME, run
from .options import add_arguments, read

__all__ = ["HELP", "NAME", "add_arguments", "read", "run"]
