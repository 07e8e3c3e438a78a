"""Trials: what they judge, their published arms, and the same arms simulated."""

from .arms import ARMS, NEVER_FITTED, TrialArm, find_arm
from .comparisons import COMPARISONS, Comparison, Prediction
from .endpoints import (
    DEFINITIONS,
    RCB_PATENT,
    RCB_SOURCE,
    EarlyChange,
    PcrDefinition,
    ResidualBurden,
    check_comparable,
    definition_named,
    early_change,
)
from .virtual_calibration import FittedResponse, fit_response, fitted_numbers
from .virtual_population import SUBJECTS, Response, VirtualPopulation, draw_population
from .virtual_prediction import CLEARED, SimulatedArm, VirtualTrials, assumptions, run_virtual_trials
from .virtual_trial import ArmResult, simulate_arm

__all__ = [
    "ARMS",
    "CLEARED",
    "COMPARISONS",
    "DEFINITIONS",
    "NEVER_FITTED",
    "RCB_PATENT",
    "RCB_SOURCE",
    "SUBJECTS",
    "ArmResult",
    "Comparison",
    "EarlyChange",
    "FittedResponse",
    "PcrDefinition",
    "Prediction",
    "ResidualBurden",
    "Response",
    "SimulatedArm",
    "TrialArm",
    "VirtualPopulation",
    "VirtualTrials",
    "assumptions",
    "check_comparable",
    "definition_named",
    "draw_population",
    "early_change",
    "find_arm",
    "fit_response",
    "fitted_numbers",
    "run_virtual_trials",
    "simulate_arm",
]
