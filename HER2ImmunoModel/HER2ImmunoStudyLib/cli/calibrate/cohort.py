"""Subjects as one group in `her2immuno calibrate`: the hierarchical fit, and what is written and said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from HER2ImmunoCommonLib.chart_spec import Chart
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part
from HER2ImmunoModelLib.calibration import Calibration, ForecastCheck
from HER2ImmunoModelLib.findings import Table, cohort_charts, cohorts
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.population import (
    HIERARCHICAL,
    CohortCalibration,
    Pooling,
    PredictiveCheck,
    calibrate_cohort,
    compare_poolings,
    forecast_check_cohort,
    forecast_new,
    read_cohort,
    visual_predictive_check,
)

from ..model_options import DEFAULT_MODEL
from ..values import words
from .inputs import Inputs
from .options import CalibrateSettings

FITTED, COMPARED = 0.4, 0.9
"""Where the stages end in the progress."""


@dataclass(frozen=True, eq=False)
class Group:
    """What a hierarchical calibration found.

    Attributes
    ----------
    cohort : CohortCalibration
    predictive : PredictiveCheck
    poolings : mapping of str to Pooling
        Side by side; empty where that was not asked for.
    check : ForecastCheck or None
        Of hidden visits.
    """

    cohort: CohortCalibration
    predictive: PredictiveCheck
    poolings: Mapping[str, Pooling]
    check: ForecastCheck | None

    def tables(self) -> dict[str, Table]:
        """Tables to write, by name of the file."""
        found = {"group": cohorts.group_table(self.cohort), "set_by_group": cohorts.pulled_table(self.cohort)}
        if self.cohort.covariates:
            found["group_covariates"] = cohorts.effects_table(self.cohort)
        if self.poolings:
            found["side_by_side"] = cohorts.poolings_table(self.poolings)
            found["side_by_side_parameters"] = cohorts.pooled_values_table(self.poolings)
        return found | {"predictive_check": cohorts.predictive_table(self.predictive)}

    def charts(self) -> dict[str, Chart]:
        """Charts to draw, by name of the file."""
        return cohort_charts.cohort_charts(self.cohort, self.predictive)

    def summary(self) -> dict:
        """Every number of the group, for JSON."""
        found = self.cohort.to_dict()
        left_out = ("subjects", "draws", "description", "warnings")
        return {name: value for name, value in found.items() if name not in left_out}

    def text(self) -> Iterator[str]:
        """What a person wants to know."""
        yield from cohorts.group_sentences(self.cohort)
        yield from cohorts.predictive_sentences(self.predictive)
        if self.poolings:
            yield from cohorts.poolings_sentences(self.poolings)


def fit_group(
    inputs: Inputs, model: Model, settings: CalibrateSettings, asked: Mapping[str, object], report: Report | None
) -> Group:
    """Calibrate the subjects hierarchically; compare poolings and check hidden visits where that is asked for.

    Raises
    ------
    InputError
        As `calibrate_cohort`.
    Cancelled
        From `report`.
    """
    asked = {**asked, "individual": words(settings.individual), "covariates": settings.by, "seed": settings.seed}
    cohort = calibrate_cohort(model, inputs.subjects, report=part(report, 0.0, FITTED), **asked)
    poolings, check, share = {}, None, part(report, FITTED, COMPARED)
    if settings.side_by_side:
        poolings = compare_poolings(model, inputs.subjects, hidden=settings.hide, report=share, **asked)
        check = poolings[HIERARCHICAL].check
    elif settings.hide:
        check = forecast_check_cohort(model, inputs.subjects, hidden=settings.hide, report=share, **asked)
    predictive = visual_predictive_check(
        cohort, inputs.subjects, seed=settings.seed, report=part(report, COMPARED, 1.0)
    )
    return Group(cohort, predictive, poolings, check)


def join_group(inputs: Inputs, settings: CalibrateSettings, report: Report | None) -> dict[str, Calibration]:
    """Calibrate the subjects as new ones of a group that was calibrated before.

    Raises
    ------
    InputError
        A file that is not a cohort's, or as `forecast_new`.
    """
    cohort, found = read_cohort(settings.group), {}
    for i, one in enumerate(inputs.subjects):
        told = {"schedule": one.schedule, "known": one.known, "group": one.group, "name": one.name}
        share = part(report, i / len(inputs.subjects), (i + 1) / len(inputs.subjects))
        try:
            found[one.name] = forecast_new(cohort, one.measurements, seed=settings.seed, report=share, **told)
        except InputError as error:
            text = str(error)
            raise InputError(text if text.startswith("Subject ") else f"Subject {one.name}: {text}") from error
    return found


def model_of_group(settings: CalibrateSettings) -> tuple[str, str]:
    """Name and species of the model of the group that subjects join.

    Raises
    ------
    InputError
        Another model was named.
    """
    model = read_cohort(settings.group).model
    if settings.model not in (DEFAULT_MODEL, model.name) or settings.models or settings.family:
        raise InputError(f"{settings.group.name} is of the model {model.name}; leave out the choice of another.")
    if settings.species not in (None, model.species):
        raise InputError(f"{settings.group.name} is of a {model.species}; leave out --species {settings.species}.")
    return model.name, model.species
