"""A calibration for a model with more drugs than were given when it was made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..models.exposure_kinds import ExposureKind
from ..models.model import Model
from .estimates import estimates_of_laplace, estimates_of_samples
from .result import Calibration


def with_model(calibration: Calibration, model: Model, seed: int = 0) -> Calibration:
    """The same posterior for a model with more agents or chains, whose parameters have their priors.

    Where a drug acts by concentrations only now, its exposure of half effect starts from the prior again.

    Parameters
    ----------
    calibration : Calibration
    model : Model
        The calibration's, with more kinds of exposure.
    seed : int
        Of draws from the priors, where the posterior is draws.

    Raises
    ------
    InputError
        Another model, or a drug whose doses the calibration was made with and whose kind is another now.
    """
    _check(calibration, model)
    pairs = zip(model.drugs, calibration.model.drugs, strict=True)
    anew = {drug.half for drug, old in pairs if drug.exposure.agents and not old.exposure.agents}
    known = {*calibration.free, *calibration.fixed} - anew
    new = [p for p in model.parameters if p.name not in known]
    kept = [name for name in calibration.free if name in known]
    columns = [calibration.free.index(name) for name in kept]
    varied = [p for p in new if p.prior > 0]
    names = (*kept, *(p.name for p in varied))
    prior_mode = np.array([float(p.to_free(p.default)) for p in varied])
    prior_sd = np.array([p.prior for p in varied])
    mode = np.concatenate([calibration.mode[columns], prior_mode])
    covariance = np.zeros((mode.size, mode.size))
    covariance[: len(kept), : len(kept)] = calibration.covariance[np.ix_(columns, columns)]
    covariance[len(kept) :, len(kept) :] = np.diag(np.square(prior_sd))
    fixed = {name: value for name, value in calibration.fixed.items() if name in known}
    fixed |= {p.name: p.default for p in new if not p.prior > 0}
    samples = calibration.samples
    if samples is not None:
        drawn = np.random.default_rng(seed).standard_normal((len(samples), prior_sd.size))
        samples = np.hstack([samples[:, columns], prior_mode + prior_sd * drawn])
    added = (
        estimates_of_laplace(varied, prior_mode, np.diag(np.square(prior_sd)))
        if samples is None or not varied
        else estimates_of_samples(varied, samples[:, len(kept) :])
    )
    estimates = {name: calibration.estimates[name] for name in kept} | added
    changed = {"mode": mode, "covariance": covariance, "fixed": fixed, "samples": samples, "estimates": estimates}
    return replace(calibration, model=model, free=names, **changed)


def _check(calibration: Calibration, model: Model) -> None:
    if model.name != calibration.model.name or model.species != calibration.model.species:
        raise InputError(
            f"The calibration is of {calibration.model.name} ({calibration.model.species}), not of {model.name} "
            f"({model.species}); calibrate that model."
        )
    given = {calibration.model.drug(dose.drug).name for dose in calibration.schedule.doses}
    for drug, old in zip(model.drugs, calibration.model.drugs, strict=True):
        if drug.name in given and not _goes_on(drug.exposure, old.exposure):
            raise InputError(
                f"The calibration was made with doses of {old.name} of the kind {' and '.join(old.exposure.names)}; "
                "calibrate again with the kinds wanted."
            )


def _goes_on(kind: ExposureKind, old: ExposureKind) -> bool:
    """Whether doses that were given mean what they meant: the same, but for agents beside those there were."""
    more = bool(old.agents) and all(agent in kind.agents for agent in old.agents)
    return kind == old or (more and kind.own == old.own)
