"""The commands that compare treatment schedules of a calibrated model, and the summary of a comparison."""

from . import next_scan, optimize, rank
from .summary import gap_summary, ranking_summary

__all__ = ["gap_summary", "next_scan", "optimize", "rank", "ranking_summary"]
