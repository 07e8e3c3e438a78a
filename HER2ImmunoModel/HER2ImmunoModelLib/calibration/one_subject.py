"""Calibration of a model to one subject's measurements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part

from .. import models
from ..models.model import Model
from ..treatments.schedule import Schedule
from .diagnostics import warnings_of
from .estimates import estimates_of_laplace, estimates_of_samples
from .fitting import Fit, criteria, draw, fit
from .mcmc import WALKERS
from .noise import noise_warning
from .observations import observe
from .posterior import Posterior, posterior
from .result import Calibration
from .watching import Watch

METHODS = ("map", "mcmc")
MISFIT, OUTLIER = "The model misses the measurements", "A measurement of day"
"""How the sentences on a poor fit begin."""


def calibrate(
    model: Model | str,
    measurements: Sequence[Measurement],
    *,
    schedule: Schedule | None = None,
    method: str = "map",
    free: Sequence[str] | None = None,
    fixed: Mapping[str, float] | None = None,
    seed: int = 0,
    prior_draws: int = 2048,
    walkers: int = WALKERS,
    most_steps: int = 5000,
    noise_scale: bool = False,
    species: str | None = None,
    report: Report | None = None,
    watch: Watch | None = None,
) -> Calibration:
    """Calibrate a model to measurements: the posterior mode, then its Laplace approximation or draws of a sampler.

    Volumes have log-normal noise (the table's standard deviation, or a coefficient of variation of 0.15), fractions
    normal noise (the table's, or 0.05). Priors are normal in each parameter's transformed space about its default.
    Initial states are parameters. Prior draws are simulated in one batch and the best few refined.

    Parameters
    ----------
    model : Model or str
    measurements : sequence of Measurement
        One a visit, in any order; what was not measured is absent.
    schedule : Schedule, optional
        Doses given; None for none.
    method : str
        "map": posterior mode and Laplace approximation; "mcmc": then draws by `mcmc.sample`, which needs emcee.
    free : sequence of str, optional
        Parameters to calibrate; all that have a prior if None.
    fixed : mapping of str to float, optional
        Parameters held at a value.
    seed : int
        Seed of the prior draws and of the sampler.
    prior_draws : int
        How many starting points are tried.
    walkers, most_steps : int
        Of the sampler: walkers (more where there are many parameters) and steps at most.
    noise_scale : bool
        Estimate one factor on every standard deviation, log-normal about 1 (`noise.fit_noise`); `Calibration.noise`.
    species : str, optional
        Whose priors: "human" or "mouse". Without it, a model given by its name has its own, which the warnings say.
    report : Report, optional
    watch : Watch, optional
        Shown the best point so far while the mode is searched.

    Returns
    -------
    Calibration

    Raises
    ------
    InputError
        No data, a standard deviation of 0, values outside their domain, unknown names, no start that can be simulated.
    Cancelled
        From `report`.
    """
    if method not in METHODS:
        raise InputError(f"There is no calibration method {method!r}; choose {' or '.join(METHODS)}.")
    check_effort(prior_draws, walkers, most_steps)
    model = models.get(model, species)
    if both := {covariate.parameter for covariate in model.covariates} & set(fixed or {}):
        raise InputError(f"Parameter {min(both)} follows an image and cannot be fixed too; choose one.")
    observations = observe(model, measurements)
    target = posterior(model, observations, schedule or Schedule(), free, fixed)
    whole = 0.95 if method == "map" else 0.05
    fitted = fit(target, prior_draws, seed, noise_scale, part(report, 0.0, whole), _shown(target, watch))
    found = _result(fitted, measurements, seed)
    if method == "map":
        return found
    drawn = draw(fitted, target, part(report, whole, 1.0), walkers=walkers, most_steps=most_steps, seed=seed)
    return replace(
        found,
        estimates=estimates_of_samples(target.free, drawn.samples),
        method="mcmc",
        samples=drawn.samples,
        sampling=drawn.sampling,
        noise=drawn.noise,
        warnings=(*found.warnings, *warnings_of(drawn.sampling)),
    )


def _shown(target: Posterior, watch: Watch | None) -> Callable[[np.ndarray], None] | None:
    """`watch` as a search calls it: with a point (p,) of the transformed space."""
    if watch is None:
        return None
    return lambda theta: watch({name: float(np.squeeze(x)) for name, x in target.values(theta[None]).items()})


def check_effort(prior_draws: int, walkers: int, most_steps: int) -> None:
    """Refuse starting points, walkers or steps that cannot be meant.

    Raises
    ------
    InputError
    """
    checked("prior_draws", prior_draws, MOST["prior_draws"])
    checked("walkers", walkers, MOST["walkers"])
    checked("most_steps", most_steps, MOST["most_steps"])


def _result(found: Fit, measurements: Sequence[Measurement], seed: int) -> Calibration:
    target, n = found.target, found.target.n_data
    residuals = target.data_residuals(found.mode[None])[0]
    chi2 = float(np.square(residuals).sum())
    aicc, bic = criteria(chi2 + target.log_norm, found.effective, n)
    warnings = (*target.warnings, *_warnings(target, residuals, chi2), *noise_warning(found.noise))
    return Calibration(
        model=target.model,
        estimates=estimates_of_laplace(target.free, found.mode, found.covariance),
        free=tuple(p.name for p in target.free),
        mode=found.mode,
        covariance=found.covariance,
        fixed=target.fixed,
        schedule=target.schedule,
        measurements=tuple(sorted(measurements, key=lambda visit: visit.day)),
        method="map",
        seed=seed,
        n_data=n,
        effective_parameters=found.effective,
        chi2=chi2,
        aicc=aicc,
        bic=bic,
        warnings=warnings,
        noise=found.noise,
    )


def _warnings(target: Posterior, residuals: np.ndarray, chi2: float):
    n = target.observations.n
    if chi2 > chance_of(n):
        yield f"{MISFIT}: chi-square {chi2:.1f} for {n} numbers; distrust the forecast."
    if np.abs(residuals).max() > 4:
        day = target.observations.day[target.observations.visit[np.abs(residuals).argmax()]]
        yield f"{OUTLIER} {day:g} lies more than 4 standard deviations from the fit; check it."


def chance_of(n: int) -> float:
    """Chi-square of `n` numbers beyond which a misfit is no chance: three standard deviations above its mean."""
    return n + 3.0 * float(np.sqrt(2.0 * n))


def tells_of_misfit(warning: str) -> bool:
    """Whether a warning of a calibration says that the model does not fit."""
    return warning.startswith((MISFIT, OUTLIER))
