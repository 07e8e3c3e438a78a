"""The kind of noise that the data prefer, where settings leave it to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report

from ..calibration.choice_of_model import WeighedModel, choose_noise
from ..models.model import Model
from ..treatments.schedule import Schedule
from .plan_settings import CHOOSE, PlanSettings


def with_chosen_noise(
    settings: PlanSettings,
    measurements: Sequence[Measurement],
    given: Schedule,
    model: Model,
    report: Report | None = None,
) -> tuple[PlanSettings, tuple[WeighedModel, ...]]:
    """The settings with the kind of noise of the least BIC at the posterior mode, and all kinds, the best first.

    Settings that name a kind stay as they are, and nothing is weighed. Errors as `choose_noise`.
    """
    if settings.noise != CHOOSE:
        return settings, ()
    asked = replace(settings, method="map").of_calibration()
    del asked["noise"]
    weighed = choose_noise(model, measurements, schedule=given, report=report, **asked)
    return replace(settings, noise=weighed[0].fit.scatter.kind), weighed
