"""Several subjects calibrated at once, asked for in the panel: each alone, with one set of rates, or as a group."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import ClassVar

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part
from HER2ImmunoCommonLib.provenance import plain
from HER2ImmunoCommonLib.settings import named_numbers

from .. import models
from ..calibration.fit_quality import FitQuality, fit_quality
from ..calibration.result import Calibration
from ..calibration.subjects import PooledCalibration, Subject, calibrate_pooled
from ..models.model import Model
from ..planning.plan_settings import CHOOSE
from ..population.cohort import calibrate_cohort
from ..population.poolings import ALONE, HIERARCHICAL, POOLED
from ..population.predictive_check import PredictiveCheck, visual_predictive_check
from ..population.result import CohortCalibration
from .calibrate import CalibrateRequest
from .cohort_words import alone_words, group_words, pooled_words
from .fit_quality import quality_charts
from .quality_cells import HEADER, TIPS, quality_cells
from .request import Findings, Request
from .tables import subjects_table

CHECKED = 0.9
"""Share of the work after which cohorts are simulated from the group."""
QUALITY_SAID = "How well each subject's own calibration tells what was measured, all subjects together:"
KEPT = "subjects"
"""Role of the text that keeps the calibration of every subject."""


@dataclass(frozen=True, eq=False)
class CohortFound:
    """What was found of several subjects.

    Attributes
    ----------
    whole : CohortCalibration, PooledCalibration or None
        What they share; None where each is alone.
    subjects : dict of str to Calibration
    quality : FitQuality
    predictive : PredictiveCheck or None
        Of a group.
    """

    whole: CohortCalibration | PooledCalibration | None
    subjects: dict[str, Calibration]
    quality: FitQuality
    predictive: PredictiveCheck | None = None


@dataclass(frozen=True)
class CohortRequest(Request):
    """A request to calibrate several subjects.

    Attributes
    ----------
    how : str
        "individual" (each alone), "pooled" or "hierarchical".
    source : str
        What the subjects are of, for the names of the results.
    alone : tuple of (str, str, CalibrateRequest)
        Name and group of each subject, and the request to calibrate it alone.
    remarks : tuple of str
        What must be told of their doses.
    """

    kind: ClassVar[str] = "Cohort"

    how: str = HIERARCHICAL
    source: str = ""
    alone: tuple[tuple[str, str, CalibrateRequest], ...] = ()
    remarks: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self):
        settings = self.settings
        if self.how == ALONE:
            return
        if settings.noise == CHOOSE:
            raise InputError(
                "The data choose how volumes scatter for each subject alone only; choose one kind under Scatter of "
                "volumes for all subjects together, or calibrate each alone."
            )
        if settings.covariates:
            raise InputError(
                f"{settings.covariates[0]}: a parameter follows an image in each subject alone only; make it free or "
                "fixed, or calibrate each alone."
            )

    @property
    def called(self) -> str:
        """The results are of the file, not of the subject that is chosen."""
        return self.source

    @property
    def samples(self) -> bool:
        """A group is drawn from without the sampler."""
        return self.settings.method == "mcmc" and self.how != HIERARCHICAL

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """The subjects with their visits and doses."""
        return tuple(Subject(name, one.measurements, one.given, group) for name, group, one in self.alone)

    @property
    def shared_model(self) -> Model:
        """The model that all subjects are calibrated with.

        Raises
        ------
        InputError
            Doses in units of which the model has not the same numbers in all subjects.
        """
        dosed = [(name, one) for name, _group, one in self.alone if one.given.doses]
        if all(one.exposures is None for _name, one in dosed):
            return models.get(self.settings.model, self.settings.species)
        first, *others = dosed
        for name, one in others:
            if _followed(one) != _followed(first[1]):
                raise InputError(
                    f"{first[0]} and {name} have doses that the model follows in different ways; give all subjects "
                    "the same drugs in the same kind of unit, or calibrate each alone."
                )
        return first[1].tumour_model

    def make(self, report: Report | None = None) -> CohortFound:
        """Calibrate them.

        Raises
        ------
        InputError
            As `calibrate`, `calibrate_pooled` and `calibrate_cohort`; a message names the subject.
        Cancelled
            From `report`.
        """
        if self.how == ALONE:
            return _found(None, self._each_alone(report))
        settings, model, subjects = self.settings, self.shared_model, self.subjects
        asked = {"noise_scale": settings.noise_scale, "noise": settings.noise, "heavy_tails": settings.heavy_tails}
        asked |= {"seed": settings.seed, "fixed": named_numbers("fixed", settings.fixed, "K=5")}
        if self.how == POOLED:
            sampler = {"most_steps": settings.most_steps} if settings.method == "mcmc" else {}
            pooled = calibrate_pooled(model, subjects, method=settings.method, report=report, **sampler, **asked)
            return _found(pooled, pooled.subjects)
        cohort = calibrate_cohort(model, subjects, report=part(report, 0.0, CHECKED), **asked)
        check = visual_predictive_check(cohort, subjects, seed=settings.seed, report=part(report, CHECKED, 1.0))
        return _found(cohort, cohort.subjects, check)

    def _each_alone(self, report: Report | None) -> dict[str, Calibration]:
        found, n = {}, len(self.alone)
        for i, (name, _group, one) in enumerate(self.alone):
            try:
                found[name] = one.make(part(report, i / n, (i + 1) / n)).calibration
            except InputError as error:
                raise InputError(f"Subject {name}: {error}") from error
        return found

    def findings(self, found: CohortFound) -> Findings:
        """Means and spreads, or what is shared, or the range of the subjects; then how well all of it fits."""
        if self.how == HIERARCHICAL:
            said = group_words(found.whole, found.predictive)
        else:
            said = alone_words(found.subjects) if self.how == ALONE else pooled_words(found.whole)
        model = next(iter(found.subjects.values())).model
        tables = said.tables | {"each": ("parameters of each subject", subjects_table(found.subjects))}
        warnings = tuple(dict.fromkeys((*self.remarks, *said.warnings)))
        return Findings(
            answer=said.answer,
            header=said.header,
            header_tips=said.tips,
            cells=said.cells,
            notes=said.notes,
            tables=tables,
            charts=(*said.charts, *quality_charts(found.quality, model).values()),
            agreement_said=QUALITY_SAID,
            agreement_header=HEADER,
            agreement_tips=TIPS,
            agreement_cells=quality_cells(found.quality, model),
            provenance=self.provenance((model.reference, *said.formulas), warnings, pooling=self.how),
            warnings=warnings,
            alarm=said.alarm,
            texts={KEPT: ("calibration of every subject", json.dumps(self._kept(found)))},
        )

    def _kept(self, found: CohortFound) -> dict[str, object]:
        """Every calibration, with the key of its inputs; of a group, the file that `read_cohort` reads."""
        whole = found.whole.to_dict() if self.how == HIERARCHICAL else {}
        each = whole.get("subjects") or {name: one.to_dict() for name, one in found.subjects.items()}
        return whole | {"subjects": each, "of": {name: one.calibration_key() for name, _group, one in self.alone}}

    def provenance(self, formulas, warnings=(), **more):
        """With the visits and doses of every subject."""
        told = Request.provenance(self, formulas, warnings, **more)
        inputs = {name: {"measurements": one.measurements, "given": one.given.doses} for name, _g, one in self.alone}
        return replace(told, inputs={"subjects": inputs})

    def key(self) -> str:
        """What schedules are judged by does not change a calibration."""
        each = {name: [group, one.calibration_key()] for name, group, one in self.alone}
        return json.dumps(plain({"how": self.how, "source": self.source, "subjects": each}), sort_keys=True)


def _followed(request: CalibrateRequest) -> object:
    """What tells models of doses in units apart, but for the doses themselves."""
    if request.exposures is None:
        return None
    told = request.exposures.told()
    return told["model"], told["parameters"]


def _found(whole, subjects: dict[str, Calibration], check: PredictiveCheck | None = None) -> CohortFound:
    return CohortFound(whole, subjects, fit_quality(subjects), check)
