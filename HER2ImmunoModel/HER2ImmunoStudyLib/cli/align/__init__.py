"""`her2immuno align`: one visit brought into the space of another."""

from .command import NAME, run
from .options import add_arguments, read

__all__ = ["NAME", "add_arguments", "read", "run"]
