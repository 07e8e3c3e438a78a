"""A request for a piece of work, and what was found, in the words, tables and charts that are shown and kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import ClassVar

from HER2ImmunoCommonLib import __version__
from HER2ImmunoCommonLib.chart_spec import Chart
from HER2ImmunoCommonLib.files import same_length
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoCommonLib.provenance import Provenance, plain

from ..calibration.result import Calibration
from ..calibration.watching import Watch
from ..drugs.patients import Patient
from ..models.choosing_kinds import title_of
from ..models.model import Model
from ..planning.penalties import Penalties
from ..planning.plan import calibrate_as, followed_model
from ..planning.plan_settings import PlanSettings
from ..planning.ranking import Ranking
from ..treatments.clinical_doses import ClinicalDose
from ..treatments.constraints import Constraint
from ..treatments.prescriptions import written_doses
from ..treatments.schedule import Schedule
from .tables import Table

MOST_SHOWN = 10
"""Schedules shown at a glance."""


@dataclass(frozen=True, eq=False)
class Findings:
    """What a piece of work found.

    Attributes
    ----------
    answer : str
        In one sentence.
    header : tuple of str
    cells : sequence of sequence of str
        What is shown at a glance.
    tables : dict of str to (str, Table)
        By role: what the table is of, and all its numbers. The first one stands for the whole.
    charts : tuple of Chart
        The most telling first.
    provenance : Provenance
    notes, warnings : sequence of str
    basis : str
        What must be read before the answer: on how little it rests; empty where the data say enough.
    failed : sequence of str
        Diagnostics of fit and draws that failed; read before the answer, too.
    alarm : str
        What makes the numbers untrustworthy as they are; empty if nothing does.
    keys : sequence of str
        What each row of `cells` stands for, where a row can be chosen.
    header_tips : tuple of str
        What each column says, where its head is too short for it.
    cost_header, cost_cells : as `header` and `cells`
        What each schedule costs the patient; empty where that is not shown.
    agreement_said, agreement_header, agreement_tips, agreement_cells
        How well measured numbers are told, as a table of its own; empty where that was not asked for.
    calibration : Calibration or None
        One that later work can start from.
    texts : dict of str to (str, str)
        By role: what the text is of, and the text, kept beside the tables.
    """

    answer: str
    header: tuple[str, ...]
    cells: Sequence[Sequence[str]]
    tables: dict[str, tuple[str, Table]]
    charts: tuple[Chart, ...]
    provenance: Provenance
    notes: Sequence[str] = ()
    warnings: Sequence[str] = ()
    basis: str = ""
    failed: Sequence[str] = ()
    alarm: str = ""
    keys: Sequence[str] = ()
    header_tips: tuple[str, ...] = ()
    cost_header: tuple[str, ...] = ()
    cost_cells: Sequence[Sequence[str]] = ()
    agreement_said: str = ""
    agreement_header: tuple[str, ...] = ()
    agreement_tips: tuple[str, ...] = ()
    agreement_cells: Sequence[Sequence[str]] = ()
    calibration: Calibration | None = None
    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self):
        same_length(self.header, self.cells)
        same_length(self.cost_header, self.cost_cells)
        same_length(self.agreement_header, self.agreement_cells)


@dataclass(frozen=True, eq=False)
class Exposures:
    """What a tumour model takes of doses in units of the clinic.

    Attributes
    ----------
    model : Model
        With the kinds of its drugs, and the agents that are given.
    drugs : tuple of str
        A line for each drug: its kind, its numbers and their basis.
    doses : tuple of str
        A line for each dose: what it is for the patient.
    patient : Patient
    """

    model: Model
    drugs: tuple[str, ...]
    doses: tuple[str, ...]
    patient: Patient

    def told(self) -> dict[str, object]:
        """Plain values that differ where exposures do."""
        return {"model": title_of(self.model), "parameters": self.model.defaults(), "doses": self.doses}

    @property
    def note(self) -> str:
        """In one sentence, which drugs are followed in which way."""
        return exposure_note(self.drugs)


def exposure_note(drugs: Sequence[str]) -> str:
    """In one sentence, which drugs are followed in which way, from the lines that say it at length."""
    kinds = "; ".join(line.split(";")[0] for line in drugs)
    return f"Doses in units were followed by their exposures for this patient ({kinds})."


@dataclass(frozen=True)
class Request:
    """Everything a piece of work is made from; each kind of work adds its own choices.

    Attributes
    ----------
    measurements : tuple of Measurement
    given : Schedule
    settings : PlanSettings
    constraints : tuple of Constraint
    calibration : Calibration or None
        An earlier one of the same subject and settings, which is used again.
    exposures : Exposures or None
        Of doses in units of the clinic; the model of the settings takes `given` as it is if None.
    penalties : Penalties or None
        What schedules cost the patient, and what that weighs; None where doses are not those of the clinic.
    watch : Watch or None
        Shown the best point so far while a calibration is searched.
    """

    kind: ClassVar[str] = ""

    measurements: tuple[Measurement, ...]
    given: Schedule
    settings: PlanSettings
    constraints: tuple[Constraint, ...] = ()
    calibration: Calibration | None = field(default=None, compare=False, kw_only=True)
    exposures: Exposures | None = field(default=None, compare=False, kw_only=True)
    penalties: Penalties | None = field(default=None, compare=False, kw_only=True)
    watch: Watch | None = field(default=None, compare=False, kw_only=True)

    @property
    def tumour_model(self) -> Model:
        """The model of the settings, with the exposures of the drugs given and parameters that follow an image."""
        exposed = None if self.exposures is None else self.exposures.model
        return followed_model(self.settings, self.measurements, exposed)

    @property
    def called(self) -> str:
        """What the results are named by; empty for the measurement table."""
        return ""

    @property
    def samples(self) -> bool:
        """Whether the work runs the sampler."""
        return self.settings.method == "mcmc" and self.calibration is None

    def make(self, report: Report | None = None) -> object:
        """Do the work; needs no scene."""
        raise NotImplementedError

    def findings(self, made) -> Findings:
        """What `make` found, to be shown and kept."""
        raise NotImplementedError

    def calibrated(self, report: Report | None = None) -> Calibration:
        """The earlier calibration, or a new one."""
        if self.calibration is not None:
            return self.calibration
        return calibrate_as(self.settings, self.measurements, self.given, report, self.tumour_model, self.watch)

    def written(self, schedule: Schedule) -> tuple[ClinicalDose, ...]:
        """The doses of a schedule of the tumour model, as a treatment table beside the one of the request has them."""
        if self.exposures is None:
            return written_doses(schedule, self.tumour_model)
        called = () if self.penalties is None else self.penalties.drugs
        return written_doses(schedule, self.tumour_model, self.exposures.patient, called)

    def told(self) -> dict[str, object]:
        """What a kind of work depends on beside the fields that are compared."""
        return self._of_exposures() | self._of_penalties()

    def key(self) -> str:
        """The same text for the same request."""
        names = [entry.name for entry in fields(self) if entry.compare]
        values = {name: getattr(self, name) for name in names} | self.told()
        return json.dumps(plain(values), sort_keys=True)

    def _of_exposures(self) -> dict[str, object]:
        return {} if self.exposures is None else {"exposures": self.exposures.told()}

    def _of_penalties(self) -> dict[str, object]:
        return {} if self.penalties is None else {"burdens": self.penalties.told()}

    def calibration_key(self) -> str:
        """The same text for requests that share a calibration."""
        settings = {"model": self.settings.model, "species": self.settings.species, **self.settings.of_calibration()}
        values = {"of": self.measurements, "given": self.given.doses, "version": __version__, **settings}
        if self.settings.drug:
            values |= {"drug": self.settings.drug}
        if self.settings.covariates:
            values |= {"covariates": self.settings.covariates}
        if self.settings.cohort:
            values |= {"cohort": self.settings.cohort}
        values |= self._of_exposures()
        return json.dumps(plain(values), sort_keys=True)

    def provenance(self, formulas: Sequence[str], warnings: Sequence[str] = (), **more: object) -> Provenance:
        """Settings and inputs of the request, with what is particular to the work."""
        rules = [{"rule": type(rule).__name__, **plain(rule)} for rule in self.constraints]
        exposures = {} if self.exposures is None else {"exposures": self.exposures.drugs}
        doses = {} if self.exposures is None else {"prescribed": self.exposures.doses}
        return Provenance(
            module="HER2ImmunoModel",
            settings={**self.settings.to_dict(), "constraints": rules, **more, **exposures, **self._of_penalties()},
            inputs={"measurements": self.measurements, "given": self.given.doses, **doses},
            formulas=tuple(formulas),
            warnings=tuple(warnings),
        )


def shown_part(ranking: Ranking) -> Ranking:
    """The best of a ranking, and the schedule the others are compared with."""
    best = ranking.rows[:MOST_SHOWN]
    rest = (row for row in ranking.rows[MOST_SHOWN:] if row.schedule.name == ranking.standard)
    return replace(ranking, rows=(*best, *rest))
