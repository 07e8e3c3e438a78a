"""The fits of `her2immuno calibrate`: the choice of model, the calibrations, and what the data say of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part
from HER2ImmunoModelLib.calibration import (
    NOISE_KINDS,
    Calibration,
    CovariateLine,
    FisherSpectrum,
    FitQuality,
    ForecastCheck,
    PooledCalibration,
    Profile,
    Subject,
    WeighedModel,
    calibrate,
    calibrate_each,
    calibrate_pooled,
    choose_model,
    fisher_pooled,
    fit_quality,
    forecast_check,
    forecast_check_pooled,
    joined,
    lines_of,
    profile_pooled,
)
from HER2ImmunoModelLib.findings import line_sentence, quality_sentences, wording
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.petab import FROM_FILE

from .cohort import Group, fit_group, join_group
from .findings import Findings, find, profiles_of
from .inputs import Inputs
from .options import CHOOSE, CalibrateSettings
from .text import forecasts, plain_pooled, plain_row, profiled, shared_set_by_data, weighed_models

WEIGHED, FITTED, CHECKED, TOLD = 0.4, 0.65, 0.75, 0.9
"""Where the stages end in the progress."""


@dataclass(frozen=True, eq=False)
class Fit:
    """All that one run found.

    Attributes
    ----------
    model : Model
    weighed : tuple of WeighedModel
        Models compared, the best BIC first; empty for one model.
    pooled : PooledCalibration or None
    findings : dict of str to Findings
        By name of the subject.
    check : ForecastCheck or None
    left_out : tuple of str
        Why models of a family were not weighed.
    spectrum : FisherSpectrum or None
        Of the pooled data.
    profiles : tuple of Profile
        Of shared parameters, over the pooled data.
    notes : tuple of str
        What is said of how the subjects were fitted.
    quality : FitQuality or None
        How well the visits that were fitted, and those that were hidden, are told.
    group : Group or None
        Of subjects that were calibrated hierarchically.
    joined : str
        What is said of subjects that joined a group.
    lines : tuple of CovariateLine
        Of parameters that follow a number, where there is one line: of one subject, or of pooled ones.
    """

    model: Model
    weighed: tuple[WeighedModel, ...]
    pooled: PooledCalibration | None
    findings: dict[str, Findings]
    check: ForecastCheck | None
    left_out: tuple[str, ...]
    spectrum: FisherSpectrum | None = None
    profiles: tuple[Profile, ...] = ()
    notes: tuple[str, ...] = ()
    quality: FitQuality | None = None
    lines: tuple[CovariateLine, ...] = ()
    group: Group | None = None
    joined: str = ""

    @property
    def single(self) -> Findings | None:
        """The findings of the only subject; None for several."""
        return next(iter(self.findings.values())) if len(self.findings) == 1 else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Each warning once, with the names of the subjects it is about where there are several."""
        own = self._own_warnings()
        checked = self.check.warnings if self.check else ()
        each = [(name, text) for name, findings in self.findings.items() for text in findings.warnings]
        said = {form for name, text in each for form in (text, f"{name}: {text}")}
        return (*own, *(f"With the last visits hidden: {text}" for text in checked if text not in said))

    def _own_warnings(self) -> tuple[str, ...]:
        if self.single:
            return (*self.left_out, *self.notes, *self.single.warnings)
        about: dict[str, list[str]] = {}
        for name, findings in self.findings.items():
            for text in findings.warnings:
                about.setdefault(text, []).append(name)
        told = {f"{name}: {text}" for text, names in about.items() for name in names}
        together = self.pooled or (self.group and self.group.cohort)
        shared = tuple(text for text in (together.warnings if together else ()) if text not in told)
        return (
            *self.left_out,
            *self.notes,
            *shared,
            *(f"{self._named(names)}: {text}" for text, names in about.items()),
        )

    @property
    def _way(self) -> str:
        return "pooled" if self.pooled else "as one group" if self.group else "each alone"

    def _named(self, names: list[str]) -> str:
        return "Every subject" if len(names) == len(self.findings) else ", ".join(names)

    def summary(self) -> dict:
        """Every number, for JSON."""
        shared = {
            "model": self.model.name,
            "species": self.model.species,
            "models": [plain_row(row) for row in self.weighed],
            "forecast_check": self.check,
            "fit_quality": self.quality,
            "covariates": self.lines,
            "warnings": self.warnings,
        }
        if self.single:
            return {**self.single.summary(), **shared}
        return {
            **shared,
            "pooled": self.pooled and plain_pooled(self.pooled),
            "group": self.group and self.group.summary(),
            "information": self.spectrum,
            "profiles": self.profiles,
            "subjects": {name: findings.summary() for name, findings in self.findings.items()},
        }

    def text(self) -> Iterator[str]:
        """What a person wants to know."""
        yield from weighed_models(self.weighed)
        fitted = "" if self.single else f", {len(self.findings)} subjects {self._way}"
        whose = "its file" if self.model.species == FROM_FILE else f"a {self.model.species}"
        yield f"{self.model.title}{fitted}, with {self.joined or f'the priors of {whose}'}."
        if self.group:
            yield from self.group.text()
        if self.pooled:
            yield shared_set_by_data(self.pooled)
            yield from wording.scatter(self.pooled.scatter)
            yield from map(profiled, self.profiles)
        yield from map(line_sentence, self.lines)
        for name, findings in self.findings.items():
            yield from findings.text("" if self.single else name, brief=bool(self.pooled or self.group))
        if self.quality:
            yield from quality_sentences(self.quality)
        if self.check:
            yield from forecasts(self.check)
        yield from (f"Warning: {text}" for text in self.warnings)


def fit(inputs: Inputs, settings: CalibrateSettings, report: Report | None) -> Fit:
    """Choose the model if there are several, calibrate every subject and ask what the data say.

    Raises
    ------
    InputError
        As `calibrate`.
    Cancelled
        From `report`.
    """
    weighed = ()
    if len(inputs.models) > 1 or settings.noise == CHOOSE:
        weighed = _weigh(inputs, settings, part(report, 0.0, WEIGHED))
    best = weighed[0].fit if weighed else None
    model = best.model if best else inputs.models[0]
    settings = replace(settings, noise=best.scatter.kind) if best else settings
    known = best if settings.method == "map" else None
    share, group = part(report, WEIGHED if weighed else 0.0, FITTED), None
    if settings.hierarchical:
        pooled, group = None, fit_group(inputs, model, settings, _shared(inputs, settings), share)
        found, check = group.cohort.subjects, group.check
    elif settings.group:
        pooled, found, check = None, join_group(inputs, settings, share), None
    else:
        pooled, found = _calibrations(inputs, model, settings, known, share)
        check = _check(inputs, model, settings, part(report, FITTED, CHECKED)) if settings.hide else None
    findings, alone = {}, not (pooled or group or settings.group)
    for i, (name, calibration) in enumerate(found.items()):
        share = part(report, *(CHECKED + (TOLD - CHECKED) * step / len(found) for step in (i, i + 1)))
        findings[name] = find(calibration, settings, share, alone=alone)
    spectrum = fisher_pooled(pooled) if pooled else None
    asked = (settings.profile, part(report, TOLD, 1.0))
    profiles = profiles_of(profile_pooled, pooled, pooled.shared, *asked) if pooled else ()
    one = pooled is not None or len(found) == 1
    return Fit(
        model,
        weighed,
        pooled,
        findings,
        check,
        inputs.left_out,
        spectrum,
        profiles,
        notes=inputs.notes,
        quality=fit_quality(found, check),
        lines=lines_of(next(iter(found.values()))) if one else (),
        group=group,
        joined=f"the group of {settings.group.name}" if settings.group else "",
    )


def _weigh(inputs: Inputs, settings: CalibrateSettings, report: Report | None) -> tuple[WeighedModel, ...]:
    one = inputs.subjects[0]
    several = len(inputs.subjects) > 1
    kinds = NOISE_KINDS if settings.noise == CHOOSE else settings.noise
    return choose_model(
        inputs.models,
        inputs.subjects if several else one.measurements,
        schedule=None if several else one.schedule,
        seed=settings.seed,
        report=report,
        **_shared(inputs, settings) | {"noise": kinds} | ({} if several else {"fixed": one.held(inputs.fixed)}),
    )


def _shared(inputs: Inputs, settings: CalibrateSettings) -> dict[str, object]:
    """Settings of every calibration by its mode, alone or pooled."""
    tried = {} if settings.prior_draws is None else {"prior_draws": settings.prior_draws}
    scatter = {"noise_scale": settings.noise_scale, "noise": settings.noise, "heavy_tails": settings.heavy_tails}
    scatter |= {"noise": inputs.noise} if inputs.noise else {}
    return {"free": inputs.free, "fixed": inputs.fixed, **scatter, **tried}


def _asked(inputs: Inputs, settings: CalibrateSettings) -> dict[str, object]:
    """Settings of the calibration that was asked for."""
    sampler = {"method": settings.method, "walkers": settings.walkers, "most_steps": settings.steps}
    return {**_shared(inputs, settings), **sampler, "seed": settings.seed}


def _calibrations(
    inputs: Inputs, model: Model, settings: CalibrateSettings, known, report: Report | None
) -> tuple[PooledCalibration | None, Mapping[str, Calibration]]:
    """The pooled calibration, if asked for, and the calibration of each subject; `known` is reused."""
    subjects, first, asked = inputs.subjects, inputs.subjects[0], _asked(inputs, settings)
    if _is_pooled(inputs, settings):
        pooled = known or calibrate_pooled(model, subjects, own=inputs.own, report=report, **asked)
        return pooled, pooled.subjects
    if len(subjects) > 1:
        return None, calibrate_each(model, subjects, report=report, **asked)
    if known is None:
        asked |= {"fixed": first.held(inputs.fixed)}
        known = calibrate(model, first.measurements, schedule=first.schedule, report=report, **asked)
    return None, {first.name: known}


def _check(inputs: Inputs, model: Model, settings: CalibrateSettings, report: Report | None) -> ForecastCheck:
    subjects, hidden = inputs.subjects, settings.hide
    # What is checked is the forecast that was asked for: with its sampler, not only its mode.
    asked = _asked(inputs, settings)
    if _is_pooled(inputs, settings):
        return forecast_check_pooled(model, subjects, hidden=hidden, own=inputs.own, report=report, **asked)
    return joined([_check_one(model, subjects, i, hidden, asked, report) for i in range(len(subjects))])


def _is_pooled(inputs: Inputs, settings: CalibrateSettings) -> bool:
    return settings.pooled or inputs.own is not None


def _check_one(
    model: Model, subjects: Sequence[Subject], i: int, hidden: int, asked: dict, report: Report | None
) -> ForecastCheck:
    subject, share = subjects[i], part(report, i / len(subjects), (i + 1) / len(subjects))
    try:
        return forecast_check(
            model,
            subject.measurements,
            hidden=hidden,
            schedule=subject.schedule,
            subject=subject.name,
            report=share,
            **asked | {"fixed": subject.held(asked["fixed"])},
        )
    except InputError as error:
        raise InputError(f"Subject {subject.name}: {error}") from error
