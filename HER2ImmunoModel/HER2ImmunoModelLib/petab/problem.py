"""A problem of parameter estimation: what PEtab files hold, in this project's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from HER2ImmunoCommonLib.errors import InputError

from ..calibration.noise_kinds import PLAIN, Noise
from ..calibration.observations import observe
from ..calibration.posterior import Posterior, posterior
from ..calibration.result import Calibration
from ..calibration.subjects import PooledCalibration, Subject
from ..models.model import Model
from ..treatments.doses import model_given
from .estimated import Estimated, estimated

POOLED = "pooled"
"""Method of a subject's share of a pooled calibration."""


@dataclass(frozen=True)
class PetabProblem:
    """A model, who was measured, and what is estimated.

    Attributes
    ----------
    model : Model
    subjects : tuple of Subject
        Measurements and doses; days as in their tables.
    free : tuple of str
        Parameters that are estimated.
    own : tuple of str
        Those of them that each of several subjects has for itself.
    fixed : dict of str to float
        Other parameters that differ from the model's defaults.
    noise : Noise
        How the measurements scatter, with the values that are estimated too.
    nominal : dict of str to float
        The number of each row of the parameter table, by its symbol; the median of the prior where it is absent.
    flat : frozenset of str
        Symbols that have no prior in the files the problem was read from: the wide ones that they have here are no part
        of the objective.
    constant : float
        What else the objective of those files has, the same everywhere.
    warnings : tuple of str
        What cannot be trusted, or was not taken as it was.
    """

    model: Model
    subjects: tuple[Subject, ...]
    free: tuple[str, ...]
    own: tuple[str, ...] = ()
    fixed: dict[str, float] = field(default_factory=dict)
    noise: Noise = PLAIN
    nominal: dict[str, float] = field(default_factory=dict)
    flat: frozenset[str] = frozenset()
    constant: float = 0.0
    warnings: tuple[str, ...] = ()

    def __post_init__(self):
        schedules = [subject.schedule for subject in self.subjects]
        object.__setattr__(self, "model", model_given(self.model, schedules))

    @property
    def estimated(self) -> tuple[Estimated, ...]:
        """Rows of the parameter table that are estimated, in their order."""
        parameters = [self.model.parameter(name) for name in self.free]
        return estimated(parameters, self.own, [subject.name for subject in self.subjects], self.noise.parameters)

    def nominal_of(self, row: Estimated) -> float:
        """The number of a row."""
        return self.nominal.get(row.symbol, row.in_file(row.mean))

    def targets(self) -> list[Posterior]:
        """The target of each subject, with the nominal values of the noise.

        Raises
        ------
        InputError
            As `observe` and `posterior`; a message names the subject where there are several.
        """
        return [self._target(subject) for subject in self.subjects]

    def _target(self, subject: Subject) -> Posterior:
        try:
            observed = observe(self.model, subject.measurements, self.noise)
            return posterior(self.model, observed, subject.schedule, self.free, subject.held(self.fixed))
        except InputError as error:
            if len(self.subjects) == 1:
                raise
            raise InputError(f"Subject {subject.name}: {error}") from error


def problem_of(calibration: Calibration | PooledCalibration, *, name: str = "subject") -> PetabProblem:
    """The problem that a calibration solved, with its mode as nominal numbers.

    Parameters
    ----------
    calibration : Calibration or PooledCalibration
    name : str
        Of the subject of a `Calibration`.

    Raises
    ------
    InputError
        A subject's share of a pooled calibration: what it shares was not estimated from its data alone.
    """
    if isinstance(calibration, PooledCalibration):
        return _problem(calibration, calibration.subjects, tuple(calibration.shared))
    if calibration.method == POOLED:
        raise InputError(
            "This calibration is one subject's share of a pooled one, which PEtab cannot hold alone; give those of all "
            "subjects together, or calibrate the subject by itself."
        )
    return _problem(calibration, {name: calibration}, calibration.free)


def problem_of_shares(shares: Mapping[str, Calibration]) -> PetabProblem:
    """The problem of a pooled calibration from each subject's share of it, as their files hold it.

    Parameters
    ----------
    shares : mapping of str to Calibration
        By name of the subject.

    Raises
    ------
    InputError
        Calibrations that are no shares of one pooled calibration.
    """
    first = next(iter(shares.values()))
    for name, share in shares.items():
        if share.method != POOLED or (share.free, share.model.name) != (first.free, first.model.name):
            raise InputError(
                f"The calibration of {name} is no share of one pooled calibration, so it makes no problem together "
                "with others; give one alone, or calibrate with --pooled."
            )
    same = [all(share.mode[i] == first.mode[i] for share in shares.values()) for i in range(len(first.free))]
    return _problem(first, shares, tuple(name for name, is_same in zip(first.free, same, strict=True) if is_same))


def _problem(
    whole: Calibration | PooledCalibration, views: Mapping[str, Calibration], shared: Sequence[str]
) -> PetabProblem:
    first = next(iter(views.values()))
    differ = {name for view in views.values() for name, value in view.fixed.items() if value != first.fixed[name]}
    known = [name for name in first.fixed if name in differ]
    problem = PetabProblem(
        whole.model,
        tuple(
            Subject(name, view.measurements, view.schedule, known={each: view.fixed[each] for each in known})
            for name, view in views.items()
        ),
        first.free,
        tuple(name for name in first.free if name not in shared),
        {name: value for name, value in first.fixed.items() if name not in known},
        whole.scatter.noise,
        warnings=tuple(dict.fromkeys(text for view in (whole, *views.values()) for text in view.warnings)),
    )
    numbers = {}
    for row in problem.estimated:
        if row.parameter.name in whole.scatter.values:
            numbers[row.symbol] = whole.scatter.values[row.parameter.name].value
        else:
            view = views[row.subject] if row.subject else first
            numbers[row.symbol] = row.in_file(view.mode[view.free.index(row.parameter.name)])
    return replace(problem, nominal=numbers)
