"""Running a model forwards: many samples and schedules at once, or as SBML in other programs."""

from .batch import Simulation, simulate
from .sbml import write_sbml

__all__ = [
    "Simulation",
    "simulate",
    "write_sbml",
]
