"""Drugs and doses: schedules, what is left of a dose, and the rules that schedules keep."""

from .candidates import order_gap_split
from .clinical_doses import ClinicalDose, ResolvedDose, resolve
from .clinical_doses import remarks as dose_remarks
from .clinical_history import LVEF_RULES, History
from .clinical_limits import ClinicalLimit, clinical_limits, excepted, search_bounds, without_limits
from .clinical_limits import check as check_limits
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
from .effects import ExposureChoice, Treatment, clinical_model, model_schedule
from .exposures import Curve, DoseExposure, Exposure, curve_of, exposure_of
from .individuals import covariates_of
from .library import drug_names, find_drug
from .limit_cases import Broken
from .limit_table import LimitRow, limit_table
from .loading import Loaded, apply_loading
from .patients import RANGES as PATIENT_RANGES
from .patients import WORDS as PATIENT_WORDS
from .patients import Patient
from .prescriptions import PrescribedSchedule, Prescription, clinical_doses, library_name, prescribe
from .regimen import Regimen
from .regimens import add_on, day_of, fill, find_regimen, in_order, regimen_keys, regimen_schedule
from .schedule import read_schedule, read_schedules, repeated, standard_candidates, write_schedule
from .treatment_calendar import CalendarRow, calendar

__all__ = [
    "LVEF_RULES",
    "PATIENT_RANGES",
    "PATIENT_WORDS",
    "ROUND_OFF",
    "AllowedDays",
    "Broken",
    "CalendarRow",
    "ClinicalDose",
    "ClinicalLimit",
    "ClinicalSchedule",
    "Constraint",
    "Curve",
    "Dose",
    "DoseExposure",
    "Exposure",
    "ExposureChoice",
    "History",
    "LargestDose",
    "LimitRow",
    "Loaded",
    "OneCytotoxicADay",
    "Patient",
    "PrescribedSchedule",
    "Prescription",
    "Regimen",
    "ResolvedDose",
    "Schedule",
    "ShortestInterval",
    "TotalDose",
    "ToxicityBudget",
    "Treatment",
    "add_on",
    "apply_loading",
    "calendar",
    "check_limits",
    "clinical_cells",
    "clinical_doses",
    "clinical_limits",
    "clinical_model",
    "clinical_schedule_from_cells",
    "covariates_of",
    "curve_of",
    "day_of",
    "dose_remarks",
    "drug_names",
    "excepted",
    "exposure_of",
    "fill",
    "find_drug",
    "find_regimen",
    "in_order",
    "library_name",
    "limit_table",
    "model_schedule",
    "order_gap_split",
    "prescribe",
    "read_clinical_schedule",
    "read_clinical_schedules",
    "read_schedule",
    "read_schedules",
    "regimen_keys",
    "regimen_schedule",
    "repeated",
    "resolve",
    "search_bounds",
    "standard_candidates",
    "without_limits",
    "write_clinical_schedule",
    "write_schedule",
]
