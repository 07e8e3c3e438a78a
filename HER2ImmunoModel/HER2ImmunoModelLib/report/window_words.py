"""The treatment window in words: the hypothesis, what it rests on here, and where cytotoxic doses fall in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..calibration.result import Calibration
from ..models.treatment_window import DELIVERY, OXYGENATION, REACHED
from ..treatments.doses import Dose
from .courses import Course, Quantiles

WINDOW = (
    "The hypothesis: trastuzumab steadies the vessels of the tumour. For some time more of a drug is then delivered "
    "and less of the tumour lacks oxygen, so that a cytotoxic dose does more than before or after. This stretch of "
    "time is the treatment window.",
    "In the model, the effect of a cytotoxic dose is multiplied by two shares between 0 and 1. Delivery, q(V) = V/(V + "
    "v50), rises with the vascular fraction V; oxygenation, o(H) = 1 - eta H, falls as the hypoxic fraction H rises. "
    "The higher both curves are on the day of a cytotoxic dose, the more of its effect is left.",
)
PARAMETERS = {
    "n_A": "how much of the loss of vessels trastuzumab stops (n_A)",
    "v50": "the vascular fraction of half delivery (v50)",
    "eta": "how much of the effect hypoxia takes (eta)",
}
REACHED_SAID = (
    "Delivery times oxygenation on the day of each cytotoxic dose: the share of its full effect that is left. Median "
    "of the posterior draws, and the interval that holds 90 % of them."
)
REACHED_HEADER = ("Schedule", "Cytotoxic dose", "Delivery", "Oxygenation", "Share of full effect (90\u00a0%)")


def rests_on(calibration: Calibration) -> str:
    """What set the parameters that the window rests on, in a sentence; empty where all are taken as known."""
    known = {name: calibration.estimates[name] for name in PARAMETERS if name in calibration.estimates}
    by_prior = [PARAMETERS[name] for name, estimate in known.items() if estimate.set_by == "prior"]
    by_data = [PARAMETERS[name] for name, estimate in known.items() if estimate.set_by != "prior"]
    if not known:
        return ""
    if not by_prior:
        return f"The measurements of this subject set what the window rests on: {_listed(by_data)}."
    also = f" The measurements set {_listed(by_data)}." if by_data else ""
    return (
        f"Priors, not the measurements of this subject, set {_listed(by_prior)}.{also} So far the curves show what the "
        "hypothesis expects; they are no evidence for it."
    )


def _listed(texts: Sequence[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def reached_rows(courses: Sequence[Course]) -> list[tuple[str, ...]]:
    """A row for each cytotoxic dose: those given once, then those planned under each schedule."""
    rows: dict[tuple[str, ...], None] = {}
    for course in courses:
        for dose in _cytotoxic(course):
            is_planned = bool(course.name) and dose.day >= course.planned_from
            at = int(np.abs(course.day - dose.day).argmin())
            shares = [_share(course.window[name], at) for name in (DELIVERY, OXYGENATION)]
            what = f"day {dose.day:g}"
            rows[(course.name if is_planned else "Given", what, *shares, _interval(course.window[REACHED], at))] = None
    return list(rows)


def _cytotoxic(course: Course) -> Iterator[Dose]:
    """The cytotoxic doses on the days that are followed, one a day."""
    found = {
        dose.day: dose
        for dose in course.doses
        if course.model.drug(dose.drug).kind == "cytotoxic" and course.day[0] <= dose.day <= course.day[-1]
    }
    yield from found.values()


def _share(found: Quantiles, at: int) -> str:
    return f"{found.median[at]:.2f}"


def _interval(found: Quantiles, at: int) -> str:
    return f"{found.median[at]:.2f} ({found.lower_90[at]:.2f} to {found.upper_90[at]:.2f})"
