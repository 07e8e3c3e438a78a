"""Drugs and doses: schedules, what is left of a dose, and the rules that schedules keep."""

from .candidates import order_gap_split
from .constraints import (
    ROUND_OFF,
    AllowedDays,
    Constraint,
    LargestDose,
    OneCytotoxicADay,
    ShortestInterval,
    TotalDose,
    ToxicityBudget,
)
from .doses import Dose, Schedule
from .schedule import read_schedule, read_schedules, repeated, standard_candidates, write_schedule

__all__ = [
    "ROUND_OFF",
    "AllowedDays",
    "Constraint",
    "Dose",
    "LargestDose",
    "OneCytotoxicADay",
    "Schedule",
    "ShortestInterval",
    "TotalDose",
    "ToxicityBudget",
    "order_gap_split",
    "read_schedule",
    "read_schedules",
    "repeated",
    "standard_candidates",
    "write_schedule",
]
