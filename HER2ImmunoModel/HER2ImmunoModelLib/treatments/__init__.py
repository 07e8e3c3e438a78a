"""Doses and schedules: what is left of a dose, what it is for a patient, and the rules that schedules keep."""

from .candidates import order_gap_split
from .clinical_doses import ClinicalDose, ResolvedDose, resolve
from .clinical_doses import remarks as dose_remarks
from .clinical_tables import (
    ClinicalSchedule,
    clinical_cells,
    clinical_schedule_from_cells,
    read_clinical_schedule,
    read_clinical_schedules,
    read_clinical_subjects,
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
from .doses import Dose, Schedule, model_given
from .effects import ExposureChoice, Treatment, clinical_model, model_schedule
from .loading import Loaded, apply_loading
from .of_subjects import doses_of_subjects, taken_as_untreated
from .prescriptions import PrescribedSchedule, Prescription, clinical_doses, library_name, prescribe, resolved_doses
from .schedule import read_schedule, read_schedules, repeated, standard_candidates, write_schedule

__all__ = [
    "ROUND_OFF",
    "AllowedDays",
    "ClinicalDose",
    "ClinicalSchedule",
    "Constraint",
    "Dose",
    "ExposureChoice",
    "LargestDose",
    "Loaded",
    "OneCytotoxicADay",
    "PrescribedSchedule",
    "Prescription",
    "ResolvedDose",
    "Schedule",
    "ShortestInterval",
    "TotalDose",
    "ToxicityBudget",
    "Treatment",
    "apply_loading",
    "clinical_cells",
    "clinical_doses",
    "clinical_model",
    "clinical_schedule_from_cells",
    "dose_remarks",
    "doses_of_subjects",
    "library_name",
    "model_given",
    "model_schedule",
    "order_gap_split",
    "prescribe",
    "read_clinical_schedule",
    "read_clinical_schedules",
    "read_clinical_subjects",
    "read_schedule",
    "read_schedules",
    "repeated",
    "resolve",
    "resolved_doses",
    "standard_candidates",
    "taken_as_untreated",
    "write_clinical_schedule",
    "write_schedule",
]
