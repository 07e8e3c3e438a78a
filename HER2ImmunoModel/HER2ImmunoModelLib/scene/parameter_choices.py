"""What a person chose for single parameters of the model: free, fixed at a value, or following an image.

Choices are kept as text (JSON) in one field of the parameter node, those of every model at once: what the present model
does not have waits until a model has it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from math import inf, isfinite

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement, label_of
from HER2ImmunoCommonLib.scene import read_table

from ..findings.priors import KNOWN
from ..models.covariates import with_covariate
from ..models.model import Model
from ..models.parameters import Parameter
from .chosen_model import shown_model
from .given import given

FREE, FIXED, FOLLOWS = "free", "fixed", "follows"
FIRST_VISIT = ""
"""Visit of a parameter that follows the first visit with its column."""


@dataclass(frozen=True)
class ParameterChoices:
    """Text of a value by parameter, and `COLUMN@VISIT` by parameter; as they were written, right or wrong."""

    fixed: Mapping[str, str] = field(default_factory=dict)
    follows: Mapping[str, str] = field(default_factory=dict)

    def without(self, names: Collection[str]) -> ParameterChoices:
        """The choices for other parameters than these."""
        kept = ({name: text for name, text in of.items() if name not in names} for of in (self.fixed, self.follows))
        return ParameterChoices(*kept)


@dataclass(frozen=True)
class ParameterRow:
    """A parameter and what was chosen for it.

    Attributes
    ----------
    parameter : Parameter
    kind : str
        `FREE`, `FIXED`, `FOLLOWS`, or `KNOWN` where it has no prior and is not changed.
    text : str
        Value it is fixed at, as it was written.
    column, visit : str
        Of what it follows.
    problem : str
        Why that cannot be, as a sentence; empty if it can.
    """

    parameter: Parameter
    kind: str
    text: str = ""
    column: str = ""
    visit: str = FIRST_VISIT
    problem: str = ""

    @property
    def said(self) -> str:
        """What was chosen, in few words."""
        if self.kind == FIXED:
            return f"fixed at {self.text.strip() or '?'}"
        if self.kind == FOLLOWS:
            label = label_of(self.column)
            return f"follows {label}" + (f" of {self.visit}" if self.visit else "")
        return self.kind


def choices_of(parameters) -> ParameterChoices:
    """The choices that the parameter node keeps; none where that is no JSON."""
    try:
        kept = json.loads(parameters.parameterChoices or "{}")
        found = {kind: {str(name): str(text) for name, text in kept.get(kind, {}).items()} for kind in (FIXED, FOLLOWS)}
    except (ValueError, AttributeError):
        return ParameterChoices()
    return ParameterChoices(found[FIXED], found[FOLLOWS])


def keep_choice(parameters, name: str, kind: str, text: str = "") -> None:
    """Keep what was chosen for a parameter: `text` is a value, or `COLUMN@VISIT`."""
    kept = choices_of(parameters).without([name])
    if kind == FIXED:
        kept = replace(kept, fixed={**kept.fixed, name: text})
    elif kind == FOLLOWS:
        kept = replace(kept, follows={**kept.follows, name: text})
    keep_choices(parameters, kept)


def keep_choices(parameters, choices: ParameterChoices) -> None:
    """Keep these choices instead of all others."""
    kept = {kind: dict(of) for kind, of in ((FIXED, choices.fixed), (FOLLOWS, choices.follows)) if of}
    parameters.parameterChoices = json.dumps(kept, sort_keys=True, ensure_ascii=False) if kept else ""


def chosen_rows(parameters, model: Model, measurements: tuple[Measurement, ...]) -> tuple[ParameterRow, ...]:
    """Every parameter of the model as it is chosen, those that stand in for one that follows an image after it.

    Parameters
    ----------
    parameters : HER2ImmunoModelParameterNode
    model : Model
        Without parameters that follow an image.
    measurements : tuple of Measurement
        Whose columns can be followed.
    """
    choices, problems = choices_of(parameters), {}
    for name, source in choices.follows.items():
        column, _, visit = source.partition("@")
        if name in {p.name for p in model.parameters}:
            try:
                model = with_covariate(model, name, measurements, column, visit or None)
            except InputError as error:
                problems[name] = str(error)
    hidden = {covariate.measured for covariate in model.covariates}
    rows = [_row(p, choices, problems.get(p.name, "")) for p in model.parameters if p.name not in hidden]
    after = {c.parameter: [r for r in rows if r.parameter.name in (c.intercept, c.slope)] for c in model.covariates}
    moved = {row.parameter.name for added in after.values() for row in added}
    return tuple(
        each for row in rows if row.parameter.name not in moved for each in (row, *after.get(row.parameter.name, ()))
    )


def chosen_settings(rows: tuple[ParameterRow, ...]) -> dict[str, tuple[str, ...]]:
    """The choices as `PlanSettings` has them: `fixed` and `covariates`.

    Raises
    ------
    InputError
        The first row that cannot be as it was chosen.
    """
    for row in rows:
        if row.problem:
            raise InputError(f"{row.parameter.label}: {row.problem}")
    followed = [row for row in rows if row.kind == FOLLOWS]
    return {
        "fixed": tuple(f"{row.parameter.name}={float(row.text)!r}" for row in rows if row.kind == FIXED),
        "covariates": tuple(
            f"{row.parameter.name}={row.column}" + (f"@{row.visit}" if row.visit else "") for row in followed
        ),
    }


def model_rows(parameters) -> tuple[ParameterRow, ...]:
    """`chosen_rows` of what the panel holds, also while its tables cannot be used."""
    model = shown_model(parameters)
    try:
        exposures = given(parameters, model)[1]
    except InputError:  # which is said of the treatment table
        exposures = None
    return chosen_rows(parameters, model if exposures is None else exposures.model, readable_visits(parameters))


def readable_visits(parameters) -> tuple[Measurement, ...]:
    """The visits of the measurement table; none while it cannot be read."""
    node = parameters.measurements
    try:
        return () if node is None else tuple(read_table(node))
    except InputError:  # which is said of that table
        return ()


def columns_to_follow(model: Model, measurements: tuple[Measurement, ...]) -> dict[str, str]:
    """Columns with a number at any visit and their labels; what the model itself is fitted to comes last."""
    own = set(model.observables.values())
    found = dict.fromkeys(name for visit in measurements for name in visit.values)
    return {name: label_of(name) for name in sorted(found, key=lambda name: name in own)}


def visits_to_follow(measurements: tuple[Measurement, ...], column: str) -> tuple[str, ...]:
    """Names of the visits with a number in a column."""
    return tuple(str(visit.visit) for visit in measurements if column in visit.values)


def _row(parameter: Parameter, choices: ParameterChoices, problem: str) -> ParameterRow:
    if parameter.name in choices.follows:
        column, _, visit = choices.follows[parameter.name].partition("@")
        return ParameterRow(parameter, FOLLOWS, column=column, visit=visit, problem=problem)
    if parameter.name not in choices.fixed:
        return ParameterRow(parameter, FREE if parameter.prior > 0 else KNOWN)
    row = ParameterRow(parameter, FIXED, text=choices.fixed[parameter.name])
    return replace(row, problem=_problem(parameter, row.text))


def _problem(parameter: Parameter, text: str) -> str:
    lower, upper = parameter.bounds
    try:
        value = float(text)
    except ValueError:
        said = f"{text.strip()!r} is not a number" if text.strip() else "there is no value"
        return f"{said}; write one, as {parameter.default:.3g}."
    if parameter.holds(value) and isfinite(value):
        return ""
    wanted = "any finite size" if lower == -inf else f"{lower:g} or more" if upper == inf else f"{lower:g} to {upper:g}"
    return f"{text.strip()} is outside what it can be; give a number of {wanted}."
