"""What measurements say of a model: calibrations of one or several subjects, and how far they can be trusted."""

from .choice_of_model import WeighedModel, choose_model, choose_noise, weigh
from .covariates_over import MISSING, CovariateLine, lines_of, with_covariate_over
from .fit_quality import FitQuality, Quality, fit_quality
from .hidden_visits import Agreement, ForecastCheck, forecast_check, forecast_check_pooled, joined
from .identifiability import FisherSpectrum, Profile, fisher_spectrum, profile_likelihood
from .more_drugs import with_model
from .noise_kinds import KINDS as NOISE_KINDS
from .noise_kinds import Noise
from .one_subject import METHODS, calibrate
from .pooled_information import fisher_pooled, profile_pooled
from .prior_draws import largest_size
from .prior_predictive import prior_predictive
from .prior_results import PriorArm, PriorNumber, PriorPredictive
from .result import Bands, Calibration, Estimate, read_calibration
from .scatter import Scatter
from .sensitivity import Sensitivity, sobol_sensitivity
from .subjects import PooledCalibration, Subject, calibrate_each, calibrate_pooled
from .volume_tables import header_of, is_volume_table, read_volumes

__all__ = [
    "METHODS",
    "MISSING",
    "NOISE_KINDS",
    "Agreement",
    "Bands",
    "Calibration",
    "CovariateLine",
    "Estimate",
    "FisherSpectrum",
    "FitQuality",
    "ForecastCheck",
    "Noise",
    "PooledCalibration",
    "PriorArm",
    "PriorNumber",
    "PriorPredictive",
    "Profile",
    "Quality",
    "Scatter",
    "Sensitivity",
    "Subject",
    "WeighedModel",
    "calibrate",
    "calibrate_each",
    "calibrate_pooled",
    "choose_model",
    "choose_noise",
    "fisher_pooled",
    "fisher_spectrum",
    "fit_quality",
    "forecast_check",
    "forecast_check_pooled",
    "header_of",
    "is_volume_table",
    "joined",
    "largest_size",
    "lines_of",
    "prior_predictive",
    "profile_likelihood",
    "profile_pooled",
    "read_calibration",
    "read_volumes",
    "sobol_sensitivity",
    "weigh",
    "with_covariate_over",
    "with_model",
]
