"""The measurements of a problem's tables: noise, and subjects with their visits, doses and known numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import expm1, isfinite, sqrt

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement

from ..calibration.noise_kinds import NOISE, SD, SHARE, Noise
from ..calibration.observations import FRACTION_SD, VOLUME_CV
from ..calibration.subjects import Subject
from ..models.model import Model
from ..simulation.sbml import needed_libsbml
from ..treatments.doses import Dose, Schedule
from .files import Files, Row, number_in
from .noise_read import Stated, own_kind, stated, with_factor
from .parameters_read import Condition, Parameters
from .structure import Structure

CLOSE = 1e-9


class MeasuredRows:
    """The measurement table, each row with its noise.

    Parameters
    ----------
    files : Files
    parameters : Parameters
    structure : Structure
    """

    def __init__(self, files: Files, parameters: Parameters, structure: Structure):
        self._parameters, self._structure, self._libsbml = parameters, structure, needed_libsbml()
        self._observables = {row["observableId"]: row for row in files.observables}
        self._rows = [(row, self._stated(row)) for row in files.measurements]

    def noise(self) -> tuple[Noise, set[str]]:
        """The noise, and the names of its parameters in the table.

        Raises
        ------
        InputError
            Several factors, or a kind that is not known here.
        """
        factors, priors = {each.factor for _, each in self._rows if np.isfinite(each.sd)}, self._parameters.priors
        if ours := [row for row, each in self._rows if np.isnan(each.sd)]:
            middle = float(np.median([self._value(row) for row in ours]))
            noise = own_kind(self._libsbml, [self._own_formula(row) for row in ours], priors, middle)
            if noise is None or factors - {"", NOISE.name}:
                raise InputError("The noise of the volumes is of no kind that is known here; write it as a number.")
            return noise, set(noise.names)
        if len(factors) > 1:
            several = ", ".join(sorted(factor or "a number" for factor in factors))
            raise InputError(f"The noise is of several kinds ({several}); only one factor on all of it is read.")
        (factor,) = factors
        logs = [self._value(row) for row, _ in self._rows if self._is_log(row)]
        return with_factor(priors.get(factor), float(np.median(logs)) if logs else 1.0), {factor} - {""}

    def subject(self, condition: Condition, model: Model) -> Subject:
        """The subject that a condition is; errors as `read_petab`."""
        rows = [(row, each) for row, each in self._rows if row["simulationConditionId"] == condition.symbol]
        first = self._first_day([row for row, _ in rows])
        visits: dict[tuple[str, float, int], dict] = {}
        count: Counter = Counter()
        for row, each in rows:
            time = number_in(row, "time", f"Observable {row['observableId']}")
            if not isfinite(time):
                raise InputError("A measurement is of the steady state, which is not read here; give a time.")
            state = self._structure.observed[row["observableId"], self._given(row)]
            column, value = model.observables[state], self._value(row)
            replicate = count[time, column]
            count[time, column] += 1
            name = row.get("visit") or f"time {time:g}" + (f", {replicate + 1}" if replicate else "")
            visit = visits.setdefault((name, first + time, replicate), {"values": {}, "sd": {}})
            visit["values"][column] = value
            if (sd := self._sd(row, each, column, value)) is not None:
                visit["sd"][column] = sd
        measurements = tuple(Measurement(name, day, **found) for (name, day, _), found in visits.items())
        schedule = self._schedule(condition, first)
        _refuse_together(model, measurements, schedule)
        return Subject(condition.name, measurements, schedule, known=self._known(condition, model))

    def _stated(self, row: Row) -> Stated:
        constants = self._structure.constants | self._parameters.fixed
        observable = self._observables[row["observableId"]]
        if {SHARE.name, SD} & set(self._parameters.priors) and self._is_own_kind(observable):
            return Stated(float("nan"))
        return stated(self._libsbml, row, observable, constants, self._parameters.priors)

    @staticmethod
    def _is_own_kind(observable: Row) -> bool:
        return SHARE.name in observable["noiseFormula"] or SD in observable["noiseFormula"]

    def _own_formula(self, row: Row) -> tuple[str, str, float | None]:
        name = row["observableId"]
        observable, words = self._observables[name], row.get("noiseParameters", "")
        text = observable["noiseFormula"].replace(f"noiseParameter1_{name}", "{}")
        return text, observable["observableFormula"], float(words) if words else None

    def _is_log(self, row: Row) -> bool:
        return (self._observables[row["observableId"]].get("observableTransformation") or "lin") != "lin"

    def _value(self, row: Row) -> float:
        return number_in(row, "measurement", f"Observable {row['observableId']}")

    def _given(self, row: Row) -> str:
        return "" if self._structure.library else row.get("observableParameters", "")

    def _first_day(self, rows: Sequence[Row]) -> float:
        """Day of time 0 in the tables of this project, where they are told."""
        if not self._structure.library or not all(row.get("day") for row in rows):
            return 0.0
        days = {number_in(row, "day", "A measurement") - number_in(row, "time", "A measurement") for row in rows}
        if max(days) - min(days) > CLOSE * max(1.0, *map(abs, days)):
            raise InputError("The columns time and day of the measurements do not go together; delete the column day.")
        at_start = [number_in(row, "day", "A measurement") for row in rows if float(row["time"]) == 0.0]
        return at_start[0] if at_start else min(days)

    def _sd(self, row: Row, each: Stated, column: str, value: float) -> float | None:
        """Standard deviation for our tables; None where it is the usual one."""
        if np.isnan(each.sd):
            return None
        is_quantity = column in self._structure.model.quantities
        if not self._is_log(row):
            return None if each.sd == FRACTION_SD and not is_quantity else each.sd
        if not value > 0:
            raise InputError(f"Observable {row['observableId']} is {value:g}, which has no logarithm; leave it out.")
        share = sqrt(expm1(each.sd**2))
        return None if np.isclose(share, VOLUME_CV, rtol=1e-12) and not is_quantity else value * share

    def _schedule(self, condition: Condition, first: float) -> Schedule:
        constants = {**self._structure.constants, **self._parameters.fixed, **condition.numbers}
        doses = []
        for given in self._structure.doses:
            unknown = sorted(
                (given.time.names | given.size.names) & (set(self._parameters.priors) | set(condition.names))
            )
            if unknown:
                raise InputError(
                    f"A dose ({given.where}) depends on {unknown[0]}, which is estimated; give it a number."
                )
            time, size = float(given.time(constants)), float(given.size(constants))
            if not (isfinite(size) and size >= 0):
                raise InputError(
                    f"A dose ({given.where}) of {condition.name} is {size:g}; only 0 and more are given here."
                )
            if time <= 0 and not self._structure.library:
                raise InputError(f"A dose ({given.where}) comes at the time {time:g}; put it into the initial value.")
            if size > 0:
                doses.append(Dose(given.drug, first + time, size))
        return Schedule(tuple(sorted(doses, key=lambda dose: (dose.day, dose.drug))))

    def _known(self, condition: Condition, model: Model) -> dict[str, float]:
        """Parameters that a condition gives as numbers; of the logit of one as that."""
        parameters, found = {p.name: p for p in model.parameters}, {}
        for symbol, number in condition.numbers.items():
            if p := parameters.get(self._structure.names.get(symbol, "")):
                is_moved = self._structure.library and symbol != p.name
                found[p.name] = float(p.from_free(number)) if is_moved else number
        return found


def _refuse_together(model: Model, measurements: Sequence[Measurement], schedule: Schedule) -> None:
    """Refuse a state that is measured as a dose is put into it: files do not say which comes first."""
    columns = {drug.name: model.observables.get(drug.state or "") for drug in model.drugs}
    for dose in schedule.doses:
        if any(visit.day == dose.day and columns.get(dose.drug) in visit.values for visit in measurements):
            raise InputError(
                f"{columns[dose.drug]} is measured on the day {dose.day:g} of a dose that adds to it; move the "
                "measurement a little, so that it is before or after."
            )
