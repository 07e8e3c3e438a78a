"""Parameters that follow a column of the table: of one subject, or of each of several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.calibration import Subject, with_covariate_over
from HER2ImmunoModelLib.models import Model, tied

from .options import CalibrateSettings

OPTION = "--covariate"


def tie(
    settings: CalibrateSettings, chosen: Sequence[Model], subjects: Sequence[Subject]
) -> tuple[list[Model], Sequence[Subject]]:
    """The models with the parameters that the options tie, and the subjects with their numbers.

    Raises
    ------
    InputError
        As `with_covariate_over`; a model of a file whose parameter follows a number that is not asked of several.
    """
    asked = [tied(OPTION, text) for text in settings.covariate]
    if twice := [name for name in {name for name, *_ in asked} if sum(name == other for other, *_ in asked) > 1]:
        raise InputError(f"{OPTION} ties {min(twice)} twice; name one column.")
    if len(subjects) > 1:
        _refuse_one_for_all(chosen, {name for name, *_ in asked})
    models = list(chosen)
    for parameter, column, visit in asked:
        done = [
            with_covariate_over(model, subjects, parameter, column, visit, missing=settings.missing_covariate)
            for model in models
        ]
        models, subjects = [model for model, _ in done], done[0][1]
    return models, subjects


def _refuse_one_for_all(chosen: Sequence[Model], asked: set[str]) -> None:
    for model in chosen:
        for covariate in model.covariates:
            if covariate.parameter not in asked:
                raise InputError(
                    f"{covariate.parameter} of the model follows {covariate.column}, which differs between subjects; "
                    f"give {OPTION} {covariate.parameter}={covariate.column}."
                )


def said_of_ties(settings: CalibrateSettings, subjects: Sequence[Subject]) -> Iterator[str]:
    """That subjects who are fitted alone do not tell a slope from an intercept."""
    if settings.covariate and len(subjects) > 1 and not settings.pooled:
        yield (
            "Each subject is fitted alone, with one number of its own, which does not tell the slope of a line from "
            "its height; give --pooled for a line over all of them."
        )
