"""What one calibration says: forecast, trajectories, information, profiles, sensitivity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part
from HER2ImmunoModelLib.calibration import (
    Bands,
    Calibration,
    FisherSpectrum,
    Profile,
    Sensitivity,
    fisher_spectrum,
    profile_likelihood,
    sobol_sensitivity,
)
from HER2ImmunoModelLib.findings import Table, tables, wording
from HER2ImmunoModelLib.simulation import Simulation

from ..model_options import check_span, without_effect
from .options import CalibrateSettings
from .text import decided_by, profiled

STEP_DAY = 0.5
FORECAST_DAYS = 28.0


@dataclass(frozen=True, eq=False)
class Findings:
    """One subject's calibration and all that was asked of it.

    Attributes
    ----------
    calibration : Calibration
    draws : int
        Posterior draws to write.
    bands : Bands
    course : Simulation
        Of those draws.
    spectrum : FisherSpectrum or None
        None for a subject of a pooled fit, whose rates the others set too.
    profiles : tuple of Profile
    sensitivity : Sensitivity or None
    warnings : tuple of str
    """

    calibration: Calibration
    draws: int
    bands: Bands
    course: Simulation
    spectrum: FisherSpectrum | None
    profiles: tuple[Profile, ...]
    sensitivity: Sensitivity | None
    warnings: tuple[str, ...]

    @property
    def alone(self) -> bool:
        """Whether the subject was not pooled with others."""
        return self.spectrum is not None

    def tables(self) -> dict[str, Table]:
        """Tables to write, by name of the file."""
        found = {
            "parameters": tables.estimate_table(self.calibration),
            "forecast": tables.forecast_table(self.bands),
            "draws": tables.draws_table(self.calibration, self.draws),
            "trajectories": tables.trajectory_table(self.course),
        }
        if self.calibration.scatter.values and self.alone:
            found["noise"] = tables.noise_table(self.calibration.scatter)
        if self.calibration.sampling and self.alone:
            found["sampling"] = tables.sampling_table(self.calibration.sampling)
        if self.spectrum:
            found["information"] = tables.fisher_table(self.spectrum)
        if self.profiles:
            found["profiles"] = tables.profiles_table(self.profiles)
        if self.sensitivity:
            found["sensitivity"] = tables.sobol_table(self.sensitivity)
        return found

    def summary(self) -> dict:
        """Every number, for JSON."""
        return {
            "calibration": self.calibration.to_dict(),
            "information": self.spectrum,
            "forecast": self.bands,
            "profiles": self.profiles,
            "sensitivity": self.sensitivity,
            "warnings": self.warnings,
        }

    def text(self, name: str, *, brief: bool) -> Iterator[str]:
        """What a person wants to know; `brief` where the rates were told already."""
        about = f"{name}: " if name else ""
        if not brief:
            yield about + " ".join([wording.set_by_data(self.calibration), *wording.which_by_data(self.calibration)])
            yield from (about + text for text in wording.scatter(self.calibration.scatter))
        yield from (about + profiled(profile) for profile in self.profiles)
        if self.sensitivity:
            yield about + decided_by(self.sensitivity)


def find(calibration: Calibration, settings: CalibrateSettings, report: Report | None, *, alone: bool) -> Findings:
    """Forecast, and answer what the options ask; `alone` for a subject that was not pooled with others.

    Raises
    ------
    InputError
        A horizon before the first visit, unknown parameters or states, a forecast that fails.
    Cancelled
        From `report`.
    """
    first = calibration.first_day
    horizon = calibration.last_day + FORECAST_DAYS if settings.horizon is None else settings.horizon
    check_span(first, horizon)
    day = np.arange(first, horizon + STEP_DAY / 2, STEP_DAY)
    bands = calibration.predict(day, report=part(report, 0.0, 0.3))
    course = calibration.simulate(day, n=settings.draws, report=part(report, 0.3, 0.5))
    spectrum = fisher_spectrum(calibration) if alone else None
    asked = (calibration.free, settings.profile, part(report, 0.5, 0.8))
    profiles = profiles_of(profile_likelihood, calibration, *asked) if alone else ()
    sensitivity = _sensitivity(calibration, settings, part(report, 0.8, 1.0))
    warnings = (*calibration.warnings, *without_effect(calibration.schedule, horizon), *_failed(bands))
    return Findings(calibration, settings.draws, bands, course, spectrum, profiles, sensitivity, warnings)


def profiles_of(
    profile: Callable[..., Profile], fitted: object, known: Iterable[str], wanted: Sequence[str], report: Report | None
) -> tuple[Profile, ...]:
    """The profile of each parameter wanted, by the function that profiles what was fitted; "all" are those known."""
    names = tuple(known) if "all" in wanted else tuple(dict.fromkeys(wanted))
    return tuple(
        profile(fitted, name, report=part(report, i / len(names), (i + 1) / len(names))) for i, name in enumerate(names)
    )


def _sensitivity(calibration: Calibration, settings: CalibrateSettings, report: Report | None) -> Sensitivity | None:
    if settings.sobol is None:
        return None
    since = settings.sobol - calibration.first_day
    if not since > 0:
        raise InputError(f"--sobol {settings.sobol:g} is not after the first visit; give a later day.")
    return sobol_sensitivity(calibration, since, state=settings.sobol_state, seed=settings.seed, report=report)


def _failed(bands: Bands) -> Iterator[str]:
    if bands.n_failed:
        yield f"{bands.n_failed} posterior draws could not be simulated to the horizon: the forecast leaves them out."
