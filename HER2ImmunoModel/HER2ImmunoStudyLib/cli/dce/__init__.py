"""`her2immuno dce`: tracer kinetic and semi-quantitative maps of a dynamic contrast-enhanced MR series."""

from .command import NAME, run
from .options import add_arguments, read

__all__ = ["NAME", "add_arguments", "read", "run"]
