"""Choice among models: information criteria and what share of the evidence each model has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Protocol

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part

from .. import models
from ..models.choosing_kinds import title_of
from ..models.model import Model
from ..treatments.doses import Schedule, model_given
from .noise_kinds import KINDS, STATED
from .one_subject import calibrate
from .result import Calibration
from .same_curves import Course, fitted_curve, groups
from .scatter import Scatter
from .subjects import PooledCalibration, Subject, calibrate_pooled


class Fitted(Protocol):
    """A calibration of one subject or of several."""

    aicc: float
    bic: float
    chi2: float
    n_data: int
    effective_parameters: float
    scatter: Scatter


@dataclass(frozen=True)
class WeighedModel:
    """One model of a family, with its calibration.

    Attributes
    ----------
    model : str
        Its name; with its kinds of exposure where they are not relative, and the noise where there are several.
    aicc, bic : float
    bic_weight, aicc_weight : float
        Share of exp(-criterion / 2) among the models; they sum to 1. All 0 where a criterion is infinite for every
        model.
    fit : Fitted
    stands_for : tuple of str
        Models that are the same curve for these data whatever their parameters, and that were not fitted.
    same_curve : tuple of str
        Models whose fitted curve is the same at all visits (`same_curves.SAME_SHARE`): their weights are one's.
    """

    model: str
    aicc: float
    bic: float
    bic_weight: float
    aicc_weight: float
    fit: Fitted
    stands_for: tuple[str, ...] = ()
    same_curve: tuple[str, ...] = ()


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
    noise: str | Sequence[str] = STATED,
    seed: int = 0,
    species: str | None = None,
    report: Report | None = None,
    **settings: object,
) -> tuple[WeighedModel, ...]:
    """Calibrate every model of a family to one subject, or to several pooled, and weigh them.

    Models that are the same curve for the data are fitted once, by the simplest of them, so that no weight is split
    between them (`WeighedModel.stands_for`); those that turn out to be, say so (`same_curve`).

    Parameters
    ----------
    family : sequence of Model or str
    data : sequence of Measurement, or of Subject
        One subject's visits, or subjects (`calibrate_pooled`).
    schedule : Schedule, optional
        Doses given to the one subject.
    noise : str or sequence of str
        How volumes scatter (`calibrate`); of several kinds, each is weighed with each model.
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
    pooled = bool(data) and isinstance(data[0], Subject)
    if pooled and schedule is not None:
        raise InputError("Each subject brings its own schedule; leave the schedule out.")
    subjects = list(data) if pooled else [Subject("", tuple(data), schedule or Schedule())]
    given = [subject.schedule for subject in subjects]
    chosen = [model_given(models.get(model, species), given) for model in family]
    alike = groups(chosen, _courses(subjects), settings.get("free"), settings.get("fixed"))
    kinds = (noise,) if isinstance(noise, str) else tuple(noise)
    fits, stands_for = {}, {}
    for i, ((model, *others), kind) in enumerate(product(alike, kinds)):
        share = part(report, i / (len(alike) * len(kinds)), (i + 1) / (len(alike) * len(kinds)))
        name = title_of(model) if len(kinds) == 1 else f"{title_of(model)}, {kind} noise"
        stands_for[name] = tuple(map(title_of, others))
        asked = {"noise": kind, "seed": seed, "report": share, **settings}
        if pooled:
            fits[name] = calibrate_pooled(model, data, **asked)
        else:
            fits[name] = calibrate(model, data, schedule=schedule, **asked)
    return _with_same_curves([replace(row, stands_for=stands_for[row.model]) for row in weigh(fits)])


def choose_noise(
    model: Model | str,
    data: Sequence[Measurement] | Sequence[Subject],
    *,
    kinds: Sequence[str] = KINDS,
    species: str | None = None,
    **settings: object,
) -> tuple[WeighedModel, ...]:
    """Calibrate a model with each kind of noise and weigh them, the best BIC first.

    A kind with more values that are estimated pays for each by the logarithm of how many numbers there are. Where the
    scatter is small against the volumes, proportional and log-normal noise are nearly the same.

    Parameters
    ----------
    model : Model or str
    data : sequence of Measurement, or of Subject
        As `choose_model`.
    kinds : sequence of str
        Of `noise_kinds.KINDS`.
    species, **settings
        As `choose_model`.

    Returns
    -------
    tuple of WeighedModel
        `fit.scatter` of each has its kind and values.

    Raises
    ------
    InputError, Cancelled
        As `choose_model`.
    """
    return choose_model([model], data, noise=tuple(kinds), species=species, **settings)


def _courses(subjects: Sequence[Subject]) -> list[Course]:
    """Days and doses of the subjects that were measured."""
    days = [sorted({visit.day for visit in subject.measurements}) for subject in subjects]
    return [Course(np.array(day, float), one.schedule) for day, one in zip(days, subjects, strict=True) if day]


def _with_same_curves(weighed: Sequence[WeighedModel]) -> tuple[WeighedModel, ...]:
    """Each model with those whose fitted curve is the same."""
    curves = [fitted_curve(_views(row.fit)) for row in weighed]
    return tuple(
        replace(
            row,
            same_curve=tuple(
                other.model
                for theirs, other in zip(curves, weighed, strict=True)
                if theirs is not own and other.fit.scatter.kind == row.fit.scatter.kind and own.is_same(theirs)
            ),
        )
        for own, row in zip(curves, weighed, strict=True)
    )


def _views(fit: Calibration | PooledCalibration) -> tuple[Calibration, ...]:
    return tuple(fit.subjects.values()) if isinstance(fit, PooledCalibration) else (fit,)
