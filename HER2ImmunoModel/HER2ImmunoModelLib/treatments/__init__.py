"""Drugs and doses: schedules, what is left of a dose, and the rules that schedules keep."""

from .candidates import order_gap_split
from .clinical_doses import ClinicalDose, ResolvedDose, resolve
from .clinical_tables import (
    ClinicalSchedule,
    clinical_cells,
    clinical_schedule_from_cells,
    read_clinical_schedule,
    read_clinical_schedules,
    write_clinical_schedule,
)
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
from .loading import Loaded, apply_loading
from .patients import Patient
from .schedule import read_schedule, read_schedules, repeated, standard_candidates, write_schedule

__all__ = [
    "ROUND_OFF",
    "AllowedDays",
    "ClinicalDose",
    "ClinicalSchedule",
    "Constraint",
    "Dose",
    "LargestDose",
    "Loaded",
    "OneCytotoxicADay",
    "Patient",
    "ResolvedDose",
    "Schedule",
    "ShortestInterval",
    "TotalDose",
    "ToxicityBudget",
    "apply_loading",
    "clinical_cells",
    "clinical_schedule_from_cells",
    "order_gap_split",
    "read_clinical_schedule",
    "read_clinical_schedules",
    "read_schedule",
    "read_schedules",
    "repeated",
    "resolve",
    "standard_candidates",
    "write_clinical_schedule",
    "write_schedule",
]
