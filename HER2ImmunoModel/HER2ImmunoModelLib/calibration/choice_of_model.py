"""Choice among models: information criteria and what share of the evidence each model has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part

from .. import models
from ..models.choosing_kinds import title_of
from ..models.model import Model
from ..treatments.schedule import Schedule
from .one_subject import calibrate
from .subjects import Subject, calibrate_pooled


class Fitted(Protocol):
    """A calibration of one subject or of several."""

    aicc: float
    bic: float
    chi2: float
    n_data: int
    effective_parameters: float


@dataclass(frozen=True)
class WeighedModel:
    """One model of a family, with its calibration.

    Attributes
    ----------
    model : str
        Its name; with its kinds of exposure where they are not relative.
    aicc, bic : float
    bic_weight, aicc_weight : float
        Share of exp(-criterion / 2) among the models; they sum to 1. All 0 where a criterion is infinite for every
        model.
    fit : Fitted
    """

    model: str
    aicc: float
    bic: float
    bic_weight: float
    aicc_weight: float
    fit: Fitted


def weigh(fits: Mapping[str, Fitted]) -> tuple[WeighedModel, ...]:
    """Weigh calibrations of the same data by their criteria, the best BIC first.

    Burnham and Anderson, Sociol Methods Res 2004;33:261-304.

    Raises
    ------
    InputError
        No calibration, or ones of different data.
    """
    if not fits:
        raise InputError("There is no model to choose from; calibrate at least one.")
    if len({fit.n_data for fit in fits.values()}) > 1:
        raise InputError("The models were not calibrated to the same numbers; leave out columns not all of them have.")
    bic, aicc = (_shares([getattr(fit, name) for fit in fits.values()]) for name in ("bic", "aicc"))
    rows = [WeighedModel(name, fit.aicc, fit.bic, bic[i], aicc[i], fit) for i, (name, fit) in enumerate(fits.items())]
    return tuple(sorted(rows, key=lambda row: row.bic))


def _shares(criterion: Sequence[float]) -> list[float]:
    values = np.array(criterion)
    if not np.isfinite(values).any():
        return [0.0] * values.size
    odds = np.exp(-0.5 * (values - values[np.isfinite(values)].min()))
    return (odds / odds.sum()).tolist()


def choose_model(
    family: Sequence[Model | str],
    data: Sequence[Measurement] | Sequence[Subject],
    *,
    schedule: Schedule | None = None,
    seed: int = 0,
    species: str | None = None,
    report: Report | None = None,
    **settings: object,
) -> tuple[WeighedModel, ...]:
    """Calibrate every model of a family to one subject, or to several pooled, and weigh them.

    Parameters
    ----------
    family : sequence of Model or str
    data : sequence of Measurement, or of Subject
        One subject's visits, or subjects (`calibrate_pooled`).
    schedule : Schedule, optional
        Doses given to the one subject.
    seed : int
    species : str, optional
        As `calibrate`.
    report : Report, optional
    **settings
        Passed to `calibrate` or `calibrate_pooled`.

    Raises
    ------
    InputError
        As those, or an empty family.
    Cancelled
        From `report`.
    """
    chosen = [models.get(model, species) for model in family]
    pooled = bool(data) and isinstance(data[0], Subject)
    if pooled and schedule is not None:
        raise InputError("Each subject brings its own schedule; leave the schedule out.")
    fits = {}
    for i, model in enumerate(chosen):
        share = part(report, i / len(chosen), (i + 1) / len(chosen))
        if pooled:
            fits[title_of(model)] = calibrate_pooled(model, data, seed=seed, report=share, **settings)
        else:
            fits[title_of(model)] = calibrate(model, data, schedule=schedule, seed=seed, report=share, **settings)
    return weigh(fits)
