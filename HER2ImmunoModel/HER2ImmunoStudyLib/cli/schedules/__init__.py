"""The commands that compare treatment schedules of a calibrated model, and the summary of a comparison."""

from . import optimize, rank
from .summary import gap_summary, ranking_summary

__all__ = ["gap_summary", "optimize", "rank", "ranking_summary"]
