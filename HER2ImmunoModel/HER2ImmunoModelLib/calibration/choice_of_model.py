"""Choice among models: information criteria and what share of the evidence each model has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part

from .. import models
from ..models.choosing_kinds import title_of
from ..models.model import Model
from ..treatments.schedule import Schedule
from .noise_kinds import KINDS, STATED
from .one_subject import calibrate
from .scatter import Scatter
from .subjects import Subject, calibrate_pooled


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
    noise: str | Sequence[str] = STATED,
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
    chosen = [models.get(model, species) for model in family]
    pooled = bool(data) and isinstance(data[0], Subject)
    if pooled and schedule is not None:
        raise InputError("Each subject brings its own schedule; leave the schedule out.")
    kinds = (noise,) if isinstance(noise, str) else tuple(noise)
    fits = {}
    for i, (model, kind) in enumerate(product(chosen, kinds)):
        share = part(report, i / (len(chosen) * len(kinds)), (i + 1) / (len(chosen) * len(kinds)))
        name = title_of(model) if len(kinds) == 1 else f"{title_of(model)}, {kind} noise"
        asked = {"noise": kind, "seed": seed, "report": share, **settings}
        if pooled:
            fits[name] = calibrate_pooled(model, data, **asked)
        else:
            fits[name] = calibrate(model, data, schedule=schedule, **asked)
    return weigh(fits)


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
