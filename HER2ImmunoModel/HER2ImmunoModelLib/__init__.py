"""Tumour model: simulate, calibrate, forecast and rank treatment schedules."""

from HER2ImmunoModelLib import models, objectives
from HER2ImmunoModelLib.calibration import calibrate
from HER2ImmunoModelLib.calibration_result import Bands, Calibration, Estimate, read_calibration
from HER2ImmunoModelLib.constraints import (
    AllowedDays,
    LargestDose,
    OneCytotoxicADay,
    ShortestInterval,
    TotalDose,
    ToxicityBudget,
)
from HER2ImmunoModelLib.gap_curves import GapCurve, gap_curve
from HER2ImmunoModelLib.model import Drug, Model, State
from HER2ImmunoModelLib.parameters import Parameter
from HER2ImmunoModelLib.ranking import RankedSchedule, Ranking, rank_schedules
from HER2ImmunoModelLib.schedule import Dose, Schedule, read_schedule, repeated, standard_candidates, write_schedule
from HER2ImmunoModelLib.simulation import Simulation, simulate

__all__ = [
    "AllowedDays",
    "Bands",
    "Calibration",
    "Dose",
    "Drug",
    "Estimate",
    "GapCurve",
    "LargestDose",
    "Model",
    "OneCytotoxicADay",
    "Parameter",
    "RankedSchedule",
    "Ranking",
    "Schedule",
    "ShortestInterval",
    "Simulation",
    "State",
    "TotalDose",
    "ToxicityBudget",
    "calibrate",
    "gap_curve",
    "models",
    "objectives",
    "rank_schedules",
    "read_calibration",
    "read_schedule",
    "repeated",
    "simulate",
    "standard_candidates",
    "write_schedule",
]
