"""Which model a curve supports: Akaike's criterion, corrected for few frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part

from .fit import FitResult, fit_model

NO_MODEL = -1


@dataclass(frozen=True, eq=False)
class ModelChoice:
    """The model of each voxel.

    Attributes
    ----------
    models : tuple of str
    best : ndarray of int8, shape (...)
        Index into `models` of the lowest AICc; -1 where no model was fitted.
    weights : ndarray, shape (..., model)
        Akaike weights, which sum to 1; NaN where no model was fitted.
    fits : tuple of FitResult
        One a model.
    """

    models: tuple[str, ...]
    best: np.ndarray
    weights: np.ndarray
    fits: tuple[FitResult, ...]


def choose_model(
    time_s: np.ndarray,
    concentration_mM: np.ndarray,
    aif_plasma_mM: np.ndarray,
    *,
    models: Sequence[str] = ("patlak", "tofts", "extended_tofts"),
    aif_time_s: np.ndarray | None = None,
    fit_delay: bool = False,
    delay_bounds_s: tuple[float, float] = (-10.0, 10.0),
    mask: np.ndarray | None = None,
    report: Report | None = None,
) -> ModelChoice:
    """Fit several models and choose by AICc.

    Parameters
    ----------
    time_s, concentration_mM, aif_plasma_mM, aif_time_s, fit_delay, delay_bounds_s, mask, report
        As `fit_model`.
    models : sequence of str
        In the order of the answer.

    Returns
    -------
    ModelChoice

    Raises
    ------
    InputError
        For fewer than two models, one named twice, or what `fit_model` refuses.

    References
    ----------
    Burnham & Anderson, Model Selection and Multimodel Inference, 2nd ed., Springer (2002).
    """
    models = tuple(models)
    if len(models) < 2 or len(set(models)) < len(models):
        raise InputError(f"The models to choose from are {', '.join(models)}; name two or more different models.")
    fits = tuple(
        fit_model(
            name,
            time_s,
            concentration_mM,
            aif_plasma_mM,
            aif_time_s=aif_time_s,
            fit_delay=fit_delay,
            delay_bounds_s=delay_bounds_s,
            mask=mask,
            report=part(report, index / len(models), (index + 1) / len(models)),
        )
        for index, name in enumerate(models)
    )
    return ModelChoice(models, *lowest_aicc([fit.aicc for fit in fits]), fits)


def lowest_aicc(aicc: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Index of the model of lowest AICc, NO_MODEL where it is not known for all, and the weights (..., model)."""
    weights = akaike_weights(np.stack(aicc, axis=-1))
    known = np.isfinite(weights).all(axis=-1)
    return np.where(known, np.argmax(weights, axis=-1), NO_MODEL).astype(np.int8), weights


def akaike_weights(aicc: np.ndarray) -> np.ndarray:
    """Weights of models from their AICc on the last axis; NaN where it is not known for all of them."""
    known = ~np.isnan(aicc).any(axis=-1, keepdims=True) & np.isfinite(aicc).any(axis=-1, keepdims=True)
    usable = np.where(known, aicc, 0.0)
    likelihood = np.exp(-0.5 * (usable - usable.min(axis=-1, keepdims=True)))
    return np.where(known, likelihood / likelihood.sum(axis=-1, keepdims=True), np.nan)
