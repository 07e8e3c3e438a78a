"""Which schedule is best: objectives, rankings, searches and trade-offs over the draws of a calibration."""

from . import objectives
from .clinical_candidates import ClinicalCandidates, clinical_candidates
from .courses import HORIZON_DAYS
from .gap_curves import GAP_DAYS, GapCurve, gap_curve, widest_gaps
from .next_scan import DRAWS as SCAN_DRAWS
from .next_scan import next_scan
from .objectives import Objective
from .optimisation import METHODS, Optimum, optimize_schedule
from .pareto import BURDENS, ParetoFront, pareto_front
from .penalties import PARTS, SURGERY_DAYS, Burden, Penalties, Weights
from .plan import Plan, make_plan
from .plan_settings import PlanSettings
from .ranking import RankedSchedule, Ranking, rank_schedules
from .regimens_compared import Comparison, compare, day_judged, last_dose_day
from .robust_loss import RISKS
from .scan_results import NextScan, ScanGain
from .scans import Scan, scans_of
from .what_if import Forecast, WhatIf

__all__ = [
    "BURDENS",
    "GAP_DAYS",
    "HORIZON_DAYS",
    "METHODS",
    "PARTS",
    "RISKS",
    "SCAN_DRAWS",
    "SURGERY_DAYS",
    "Burden",
    "ClinicalCandidates",
    "Comparison",
    "Forecast",
    "GapCurve",
    "NextScan",
    "Objective",
    "Optimum",
    "ParetoFront",
    "Penalties",
    "Plan",
    "PlanSettings",
    "RankedSchedule",
    "Ranking",
    "Scan",
    "ScanGain",
    "Weights",
    "WhatIf",
    "clinical_candidates",
    "compare",
    "day_judged",
    "gap_curve",
    "last_dose_day",
    "make_plan",
    "next_scan",
    "objectives",
    "optimize_schedule",
    "pareto_front",
    "rank_schedules",
    "scans_of",
    "widest_gaps",
]
