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
from ..treatments.doses import Schedule, model_given
from .diagnostics import warnings_of
from .estimates import estimates_of_laplace, estimates_of_samples
from .fitting import Fit, chi_square, criteria_of, draw, fit
from .mcmc import WALKERS
from .noise import noise_warnings
from .noise_kinds import STATED, Noise
from .observations import observe, with_kind
from .posterior import Posterior, posterior
from .result import Calibration
from .watching import Watch

METHODS = ("map", "mcmc")
MISFIT, OUTLIER = "The model misses the measurements", "A measurement of day"
"""How the sentences on a poor fit begin."""
FAR = 4.0
"""Standard deviations from the fit beyond which a number is pointed out."""


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
    noise: str | Noise = STATED,
    heavy_tails: bool = False,
    species: str | None = None,
    report: Report | None = None,
    watch: Watch | None = None,
) -> Calibration:
    """Calibrate a model to measurements: the posterior mode, then its Laplace approximation or draws of a sampler.

    Volumes have log-normal noise (the table's standard deviation, or a coefficient of variation of 0.15) unless
    `noise` says otherwise, fractions normal noise (the table's, or 0.05). Priors are normal in each parameter's
    transformed space about its default. Initial states are parameters. Prior draws are simulated in one batch and the
    best few refined.

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
        Estimate one factor on every stated standard deviation (those of fractions only, if `noise` is not "stated"),
        log-normal about 1 (`noise.fit_scale`); `Calibration.noise`.
    noise : str or Noise
        How volumes scatter, one of `noise_kinds.KINDS` (see `Noise`): "stated", or a kind whose values are estimated
        with the parameters (`Calibration.scatter`).
    heavy_tails : bool
        A t distribution with 4 degrees of freedom instead of the normal one, so that outliers weigh little. Standard
        deviations, also stated ones, are then its scale.
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
        No data, no volume for a noise of volumes, a standard deviation of 0, values outside their domain, unknown
        names, no start that can be simulated.
    Cancelled
        From `report`.
    """
    if method not in METHODS:
        raise InputError(f"There is no calibration method {method!r}; choose {' or '.join(METHODS)}.")
    check_effort(prior_draws, walkers, most_steps)
    schedule = schedule or Schedule()
    model = model_given(models.get(model, species), [schedule])
    if both := {covariate.parameter for covariate in model.covariates} & set(fixed or {}):
        raise InputError(f"Parameter {min(both)} follows an image and cannot be fixed too; choose one.")
    observations = with_kind([observe(model, measurements)], noise, heavy_tails, noise_scale)[0]
    target = posterior(model, observations, schedule, free, fixed)
    whole = 0.95 if method == "map" else 0.05
    fitted = fit(target, prior_draws, seed, part(report, 0.0, whole), _shown(target, watch))
    found = _result(fitted, measurements, seed)
    if method == "map":
        return found
    drawn = draw(fitted, part(report, whole, 1.0), walkers=walkers, most_steps=most_steps, seed=seed)
    return replace(
        found,
        estimates=estimates_of_samples(target.free, drawn.samples),
        method="mcmc",
        samples=drawn.samples,
        sampling=drawn.sampling,
        scatter=drawn.scatter,
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
    simulated = target.simulated(found.mode[None])
    residuals = target.observations.standardised(simulated)[0]
    chi2 = chi_square(residuals, target.noise)
    aicc, bic = criteria_of(found, simulated[0])
    scatter = found.scatter
    warnings = (*target.warnings, *_warnings(target, residuals, chi2), *noise_warnings(scatter))
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
        scatter=scatter,
    )


def _warnings(target: Posterior, residuals: np.ndarray, chi2: float):
    n, observed = target.observations.n, target.observations
    yield from misfit_said(chi2, n)
    far = np.abs(residuals) > FAR
    if not far.any():
        return
    day = observed.day[observed.visit[np.abs(residuals).argmax()]]
    if target.noise.heavy_tails:
        yield (
            f"{far.sum()} of {n} numbers lie more than {FAR:g} standard deviations from the fit, the farthest of day "
            f"{day:g}: they weigh little, as tails are heavy."
        )
    else:
        yield f"{OUTLIER} {day:g} lies more than {FAR:g} standard deviations from the fit; check it."


def misfit_said(chi2: float, n: int) -> tuple[str, ...]:
    """What is said of a chi-square of `n` numbers that is no chance; nothing of another."""
    return (f"{MISFIT}: chi-square {chi2:.1f} for {n} numbers; distrust the forecast.",) if chi2 > chance_of(n) else ()


def chance_of(n: int) -> float:
    """Chi-square of `n` numbers beyond which a misfit is no chance: three standard deviations above its mean."""
    return n + 3.0 * float(np.sqrt(2.0 * n))


def tells_of_misfit(warning: str) -> bool:
    """Whether a warning of a calibration says that the model does not fit."""
    return warning.startswith((MISFIT, OUTLIER))
