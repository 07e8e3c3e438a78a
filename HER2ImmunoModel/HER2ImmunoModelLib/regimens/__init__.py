"""Regimens as templates, and doses in a calendar."""

from .regimen import Regimen
from .regimens import add_on, day_of, fill, find_regimen, in_order, regimen_keys, regimen_schedule, starts_early
from .treatment_calendar import CalendarRow, calendar

__all__ = [
    "CalendarRow",
    "Regimen",
    "add_on",
    "calendar",
    "day_of",
    "fill",
    "find_regimen",
    "in_order",
    "regimen_keys",
    "regimen_schedule",
    "starts_early",
]
