"""Synthetic cohorts with known truth: subjects normal about a group in each parameter's transformed space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.calibration import Subject
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.simulation import simulate
from HER2ImmunoModelLib.treatments import Dose, Schedule

TREATED = Schedule(tuple(Dose("checkpoint_inhibitor", day) for day in (7.0, 10.0, 13.0)))


def cohort(
    n: int,
    group: Mapping[str, tuple[float, float]],
    *,
    name: str = "immunotherapy_decaying",
    seed: int = 0,
    days: Sequence[float] = (0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0),
    cv: float = 0.15,
    treated: Schedule = TREATED,
    moved: Mapping[str, np.ndarray] | None = None,
) -> tuple[Model, list[Subject], dict[str, np.ndarray]]:
    """Subjects of a model, every second one treated, with log-normal noise.

    Parameters
    ----------
    n : int
    group : mapping
        Parameter -> mean in its own unit and spread in the transformed space; others are the model's defaults.
    moved : mapping
        Parameter -> what is added to its mean (n,) in the transformed space.

    Returns
    -------
    model : Model
    subjects : list of Subject
    truth : dict of str to array (n,)
        In the transformed space.
    """
    model, rng, truth = models.get(name, "mouse"), np.random.default_rng(seed), {}
    for parameter in model.parameters:
        mean, spread = group.get(parameter.name, (parameter.default, 0.0))
        truth[parameter.name] = parameter.to_free(mean) + spread * rng.standard_normal(n)
        truth[parameter.name] += (moved or {}).get(parameter.name, 0.0)
    values = {name: model.parameter(name).from_free(free) for name, free in truth.items()}
    subjects = []
    for i in range(n):
        schedule = treated if i % 2 else Schedule()
        own = {name: value[i] for name, value in values.items()}
        volume = simulate(model, own, np.array(days), schedule=schedule).states["T"][0]
        volume = volume * np.exp(np.sqrt(np.log1p(cv**2)) * rng.standard_normal(len(days)))
        visits = tuple(
            Measurement(f"day {day:g}", float(day), {"volume_cm3": float(v)})
            for day, v in zip(days, volume, strict=True)
        )
        subjects.append(Subject(f"animal {i + 1}", visits, schedule, "treated" if i % 2 else "control"))
    return model, subjects, truth
