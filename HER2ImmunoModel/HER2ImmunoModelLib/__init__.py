"""Tumour model: simulate, calibrate, forecast and rank treatment schedules."""

from HER2ImmunoModelLib import models, objectives
from HER2ImmunoModelLib.calibration import calibrate
from HER2ImmunoModelLib.calibration_result import Bands, Calibration, Estimate, read_calibration
from HER2ImmunoModelLib.candidates import order_gap_split
from HER2ImmunoModelLib.choice_of_model import WeighedModel, choose_model, weigh
from HER2ImmunoModelLib.constraints import (
    AllowedDays,
    LargestDose,
    OneCytotoxicADay,
    ShortestInterval,
    TotalDose,
    ToxicityBudget,
)
from HER2ImmunoModelLib.forecast_check import Agreement, ForecastCheck, forecast_check, forecast_check_pooled, joined
from HER2ImmunoModelLib.gap_curves import GapCurve, gap_curve
from HER2ImmunoModelLib.identifiability import FisherSpectrum, Profile, fisher_spectrum, profile_likelihood
from HER2ImmunoModelLib.model import Drug, Model, State
from HER2ImmunoModelLib.optimisation import Optimum, optimize_schedule
from HER2ImmunoModelLib.parameters import Parameter
from HER2ImmunoModelLib.pareto import ParetoFront, pareto_front
from HER2ImmunoModelLib.pooled_information import fisher_pooled, profile_pooled
from HER2ImmunoModelLib.ranking import RankedSchedule, Ranking, rank_schedules
from HER2ImmunoModelLib.schedule import Dose, Schedule, read_schedule, repeated, standard_candidates, write_schedule
from HER2ImmunoModelLib.sensitivity import Sensitivity, sobol_sensitivity
from HER2ImmunoModelLib.simulation import Simulation, simulate
from HER2ImmunoModelLib.subjects import PooledCalibration, Subject, calibrate_each, calibrate_pooled
from HER2ImmunoModelLib.volume_tables import read_volumes

__all__ = [
    "Agreement",
    "AllowedDays",
    "Bands",
    "Calibration",
    "Dose",
    "Drug",
    "Estimate",
    "FisherSpectrum",
    "ForecastCheck",
    "GapCurve",
    "LargestDose",
    "Model",
    "OneCytotoxicADay",
    "Optimum",
    "Parameter",
    "ParetoFront",
    "PooledCalibration",
    "Profile",
    "RankedSchedule",
    "Ranking",
    "Schedule",
    "Sensitivity",
    "ShortestInterval",
    "Simulation",
    "State",
    "Subject",
    "TotalDose",
    "ToxicityBudget",
    "WeighedModel",
    "calibrate",
    "calibrate_each",
    "calibrate_pooled",
    "choose_model",
    "fisher_pooled",
    "fisher_spectrum",
    "forecast_check",
    "forecast_check_pooled",
    "gap_curve",
    "joined",
    "models",
    "objectives",
    "optimize_schedule",
    "order_gap_split",
    "pareto_front",
    "profile_likelihood",
    "profile_pooled",
    "rank_schedules",
    "read_calibration",
    "read_schedule",
    "read_volumes",
    "repeated",
    "simulate",
    "sobol_sensitivity",
    "standard_candidates",
    "weigh",
    "write_schedule",
]
