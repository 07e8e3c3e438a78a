"""Hierarchical calibration of a cohort: subjects that differ about a group's means, the group and each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked
from HER2ImmunoCommonLib.progress import Report, part, tell

from .. import models
from ..calibration.noise_kinds import STATED
from ..calibration.observations import with_kind
from ..calibration.subjects import Subject, check_known, check_subjects, own_of, part_of
from ..models.model import Model
from ..models.parameters import Parameter
from ..treatments.doses import model_given
from .alternating import settle
from .conclusions import Found, result
from .covariates import effects_of
from .designs import Designs
from .draws import COURSES, draw_group
from .law import Law
from .modes import modes_alone
from .result import CohortCalibration

ALONE, SETTLED = 0.15, 0.3
"""Where the stages end in the progress."""


def calibrate_cohort(
    model: Model | str,
    subjects: Sequence[Subject],
    *,
    individual: Sequence[str] | None = None,
    own: Sequence[str] | None = None,
    covariates: Sequence[str] = (),
    spreads: Mapping[str, float] | None = None,
    noise_scale: bool = False,
    noise: str = STATED,
    heavy_tails: bool = False,
    free: Sequence[str] | None = None,
    fixed: Mapping[str, float] | None = None,
    prior_draws: int = 256,
    courses: int = COURSES,
    seed: int = 0,
    species: str | None = None,
    report: Report | None = None,
) -> CohortCalibration:
    """Calibrate subjects as one group: its means, how far its subjects differ, and each subject with what both say.

    Each parameter is normal between subjects in its transformed space (`law`). A spread of 0 gives what
    `calibrate_pooled` gives, one of the prior's standard deviation each subject alone. The group and the subjects'
    modes are found in turns with linear courses (`alternating`), then draws are weighed by the courses as they are
    (`weighing`); where the weights cannot be trusted, the draws are of the linear courses and the warnings say so.

    Parameters
    ----------
    model : Model or str
    subjects : sequence of Subject
        Two or more.
    individual : sequence of str, optional
        Parameters that differ between subjects; all free ones if None. Other free ones have one value for all.
    own : sequence of str, optional
        Parameters that each subject has for itself, with the model's prior; the initial states that any subject
        measured if None, but for those that are individual.
    covariates : sequence of str
        Words `PARAMETER~COLUMN` or `PARAMETER~group`: means that follow a column of the table, or the group.
    spreads : mapping of str to float, optional
        Spreads that are held instead of estimated, in the transformed space.
    noise_scale, noise, heavy_tails
        As `calibrate_pooled`: one noise, with its values, for all subjects.
    free, fixed, species, report
        As `calibrate`.
    prior_draws : int
        Starts tried for each subject.
    courses : int
        Courses that each round of weighing simulates.
    seed : int

    Raises
    ------
    InputError
        As `calibrate_pooled`; fewer than two subjects; parameters that are not free, or of two kinds.
    Cancelled
        From `report`.
    """
    check_subjects(subjects)
    check_known(subjects)
    if len(subjects) < 2:
        raise InputError(f"{subjects[0].name} is the only subject, and one is no group; calibrate it alone.")
    checked("prior_draws", prior_draws, MOST["prior_draws"])
    model = model_given(models.get(model, species), [subject.schedule for subject in subjects])
    parts = [part_of(model, subject, free, fixed) for subject in subjects]
    observations = with_kind([one.observations for one in parts], noise, heavy_tails, noise_scale)
    parts = tuple(replace(one, observations=each) for one, each in zip(parts, observations, strict=True))
    designs = Designs(tuple(subject.name for subject in subjects), parts)
    each_own = own_of(model, parts, own) - (set(individual or ()) if own is None else set())
    held = _held(parts[0].free, individual, each_own, spreads or {})
    effects = effects_of(covariates, subjects, parts[0].free)
    law = Law(parts[0].free, held, effects, len(subjects), parts[0].noise)
    _check_effects(law)
    alone = Law(law.free, law.prior_sd, (), law.subjects, law.noise)
    theta = modes_alone(designs, alone, prior_draws, seed, part(report, 0.0, ALONE))
    settled = settle(designs, law, theta, part(report, ALONE, SETTLED))
    drawn = draw_group(designs, law, settled, seed, courses, part(report, SETTLED, 0.98))
    tell(report, 0.98, "Splitting the posterior by subject")
    return result(Found(model, tuple(subjects), designs, law, settled, drawn, seed))


def _held(
    free: Sequence[Parameter], individual: Sequence[str] | None, own: set[str], spreads: Mapping[str, float]
) -> np.ndarray:
    """Spreads that are not estimated (p,): those given, 0 of shared parameters, the prior's of each one's own."""
    names = [parameter.name for parameter in free]
    for what, asked in (("individual", individual or ()), ("given a spread", spreads)):
        if unknown := [name for name in asked if name not in names]:
            raise InputError(
                f"Parameter {unknown[0]!r} is not free and cannot be {what}; choose of {', '.join(names)}."
            )
    if both := own & set(individual or ()):
        raise InputError(f"Parameter {min(both)} is both individual and each subject's own; choose one.")
    for name, spread in spreads.items():
        if not spread >= 0:
            raise InputError(f"The spread of {name} is {spread:g}; give 0 or more.")
    varies = [individual is None or name in individual for name in names]
    found = np.where(varies, np.nan, 0.0)
    for i, parameter in enumerate(free):
        if parameter.name in spreads:
            found[i] = min(spreads[parameter.name], parameter.prior)
        elif parameter.name in own:
            found[i] = parameter.prior
    return found


def _check_effects(law: Law) -> None:
    for effect in law.effects:
        if effect.parameter not in law.grouped:
            raise InputError(
                f"{law.free[effect.parameter].name} is each subject's own, so that {effect.name} cannot move its mean; "
                "make it individual."
            )
