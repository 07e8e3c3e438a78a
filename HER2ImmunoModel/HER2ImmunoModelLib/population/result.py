"""What a hierarchical calibration found: the group, each subject's posterior, how far to trust it, and its file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import write_text
from HER2ImmunoCommonLib.reading import read_json_object

from ..calibration.consistency import refusing
from ..calibration.result import Calibration, plain_number
from ..calibration.scatter import AS_STATED, Estimate, Scatter
from ..models.descriptions import from_description, in_full
from ..models.model import Model

FORMAT = "her2immuno-cohort-1"
INDIVIDUAL, SHARED = "individual", "shared"


@dataclass(frozen=True)
class Covariate:
    """How a covariate is counted: (value - middle) / width; of a group, 1 in it and 0 outside.

    Attributes
    ----------
    parameter, name : str
        `name` is a column of the table, or "group=<name of the group>".
    middle, width : float
    """

    parameter: str
    name: str
    middle: float
    width: float


@dataclass(frozen=True)
class GroupEstimate:
    """One parameter of a group.

    Attributes
    ----------
    parameter, unit, space : str
        Name, unit and the space ("log", "logit" or "linear") in which subjects are normal about the mean.
    kind : str
        "individual", or "shared" where all subjects have one value.
    mean : Estimate
        In the parameter's own unit: the geometric mean of a positive parameter, the logistic one of a fraction; of a
        subject whose covariates are the average ones.
    spread : Estimate or None
        Standard deviation between subjects in that space; None of a shared one.
    effects : mapping of str to Estimate
        Of each covariate: change in that space by a standard deviation of it, or by being in the group.
    shrinkage : float
        1 - sd(eta) / spread, eta being how far the posterior mean of each subject lies from what is expected of it:
        near 0 where the subjects' own data set their values, near 1 where the group does (Savic and Karlsson, AAPS J
        2009;11:558). NaN of a shared one.
    """

    parameter: str
    unit: str
    space: str
    kind: str
    mean: Estimate
    spread: Estimate | None
    effects: Mapping[str, Estimate]
    shrinkage: float

    @property
    def cv_percent(self) -> tuple[float, float, float] | None:
        """Coefficient of variation between subjects (%) of a positive parameter: value and 90 % interval."""
        if self.space != "log" or self.spread is None:
            return None
        ends = np.array([self.spread.value, self.spread.lower, self.spread.upper])
        return tuple((100 * np.sqrt(np.expm1(np.square(ends)))).tolist())


@dataclass(frozen=True)
class Draws:
    """Posterior draws of the group, all of equal weight, in the transformed space.

    Attributes
    ----------
    free : tuple of str
        Order of the parameters.
    mean, spread : arrays (draws, p)
        Mean for average covariates, and standard deviation between subjects: 0 of a shared parameter, and of one that
        each subject has for itself those of its prior.
    effects : array (draws, covariates)
    log_noise : array (draws, k)
        Logarithms of the values of the noise.
    """

    free: tuple[str, ...]
    mean: np.ndarray
    spread: np.ndarray
    effects: np.ndarray
    log_noise: np.ndarray


@dataclass(frozen=True)
class Diagnostics:
    """How the group was found.

    Attributes
    ----------
    method : str
        "weighed": draws weighed by the courses as they are; "laplace": draws of linear courses.
    turns : int
        Turns between the group and the subjects' modes until the group stood.
    stands : bool
    rounds : int
        Of weighing.
    effective_points, tail : float or None
        Effective points of the group's law and Pareto shape of their weights; None for "laplace".
    effective : mapping of str to float
        Effective draws of each subject.
    """

    method: str
    turns: int
    stands: bool
    rounds: int
    effective_points: float | None
    tail: float | None
    effective: Mapping[str, float]


@dataclass(frozen=True)
class CohortCalibration:
    """Posterior of a group and of each of its subjects.

    Attributes
    ----------
    model : Model
    group : dict of str to GroupEstimate
        Of every free parameter that subjects do not each have for themselves.
    own : tuple of str
        Parameters that each subject has for itself, with the model's prior.
    fixed : dict of str to float
        Parameters held at one value for all subjects.
    known : tuple of str
        Parameters whose values were known of each subject.
    subjects : dict of str to Calibration
        Each subject's posterior, with its draws; the priors of its model are what the group says of it.
    pulled : dict of str to dict of str to float
        Of each subject and individual parameter, how much the group set it: its posterior variance about what is
        expected, over that between subjects. 0 where its own data did, 1 where they say nothing.
    covariates : tuple of Covariate
    draws : Draws
    n_data, n_subjects, n_group : int
        Numbers measured, subjects, and numbers of the group that were estimated.
    log_likelihood : float
        Of all measured numbers at the middle of the group's posterior, the subjects' own parameters integrated.
    aicc, bic : float
        From it: AICc counts the group's numbers and the data; BIC those of individual parameters with log(subjects),
        the others with log(data) (Delattre, Lavielle, Poursat, Electron J Stat 2014;8:456). Not comparable with those
        of a pooled or single calibration, whose parameters are not integrated.
    warnings : tuple of str
    diagnostics : Diagnostics
    scatter : Scatter
        How the measurements of all subjects scatter.
    """

    model: Model
    group: dict[str, GroupEstimate]
    own: tuple[str, ...]
    fixed: dict[str, float]
    known: tuple[str, ...]
    subjects: dict[str, Calibration]
    pulled: dict[str, dict[str, float]]
    covariates: tuple[Covariate, ...]
    draws: Draws
    n_data: int
    n_subjects: int
    n_group: int
    log_likelihood: float
    aicc: float
    bic: float
    warnings: tuple[str, ...]
    diagnostics: Diagnostics
    scatter: Scatter = AS_STATED

    def save(self, path: str | Path) -> None:
        """Write it all as JSON."""
        write_text(json.dumps(self.to_dict(), indent=1), path)

    def to_dict(self) -> dict:
        """Plain numbers, lists and strings."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return plain | {
            "format": FORMAT,
            "model": self.model.name,
            "species": self.model.species,
            "description": in_full(self.model),
            "fixed": {name: plain_number(value) for name, value in self.fixed.items()},
            "group": {name: _of_group(one) for name, one in self.group.items()},
            "subjects": {name: one.to_dict() for name, one in self.subjects.items()},
            "covariates": [asdict(one) for one in self.covariates],
            "draws": {name: _rounded(value) for name, value in vars(self.draws).items()},
            "aicc": plain_number(self.aicc),
            "diagnostics": asdict(self.diagnostics),
            "scatter": self.scatter.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: dict) -> CohortCalibration:
        """Inverse of `to_dict`."""
        draws = {name: np.array(value) for name, value in data["draws"].items() if name != "free"}
        n = len(draws["mean"])
        changed = {
            "model": from_description(data["description"]),
            "fixed": {name: float(value) for name, value in data["fixed"].items()},
            "group": {name: _group_of(one) for name, one in data["group"].items()},
            "subjects": {name: Calibration.from_dict(one) for name, one in data["subjects"].items()},
            "covariates": tuple(Covariate(**one) for one in data["covariates"]),
            "draws": Draws(
                tuple(data["draws"]["free"]), **{name: value.reshape(n, -1) for name, value in draws.items()}
            ),
            "aicc": float(data["aicc"]),
            "diagnostics": Diagnostics(**data["diagnostics"]),
            "scatter": Scatter.from_dict(data["scatter"], None),
        }
        lists = {name: tuple(data[name]) for name in ("own", "known", "warnings")}
        return cls(**{name: data[name] for name in _PLAIN} | changed | lists)


_PLAIN = ("own", "known", "pulled", "n_data", "n_subjects", "n_group", "log_likelihood", "bic", "warnings")


def _of_group(one: GroupEstimate) -> dict:
    cv = one.cv_percent
    return asdict(one) | {"shrinkage": plain_number(one.shrinkage), "cv_percent": None if cv is None else list(cv)}


def _group_of(data: dict) -> GroupEstimate:
    spread = data["spread"]
    changed = {
        "mean": Estimate(**data["mean"]),
        "spread": None if spread is None else Estimate(**spread),
        "effects": {name: Estimate(**one) for name, one in data["effects"].items()},
        "shrinkage": float(data["shrinkage"]),
    }
    return GroupEstimate(**{name: value for name, value in data.items() if name != "cv_percent"} | changed)


def _rounded(value):
    return np.round(value, 6).tolist() if isinstance(value, np.ndarray) else value


def read_cohort(path: str | Path) -> CohortCalibration:
    """Read what `CohortCalibration.save` wrote.

    Raises
    ------
    InputError
        A file that cannot be read or is not a cohort's.
    """
    data = read_json_object(path, "the calibration of a cohort (JSON)", finite=False)
    if data.get("format") != FORMAT:
        raise InputError(f"The file {path} is not the calibration of a cohort ({FORMAT}); choose a cohort.json.")
    with refusing(path, "the calibration of a cohort", "a part has other entries than it should"):
        return CohortCalibration.from_dict(data)
