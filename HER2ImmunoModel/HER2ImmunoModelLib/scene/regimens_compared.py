"""The regimens that are ticked to be compared, for the patient and the doses that the panel holds."""

from __future__ import annotations

from dataclasses import replace

from ..models.model import Model
from ..planning.plan_settings import PlanSettings
from ..planning.regimens_compared import NO_TREATMENT, Comparison, compare, doses_before
from ..regimens.regimen import Part, Regimen
from ..regimens.regimens import find_regimen, regimen_keys
from ..treatments.clinical_tables import ClinicalSchedule
from ..treatments.schedule import Schedule
from .clinical_rules import called_drugs, clinical_rules
from .exposure_choices import exposure_choice
from .given import given_doses
from .patients import patient_of
from .regimens import parts_of

REGIMENS = "regimens"
"""Value of `candidates` in the parameter node."""
TICKS = {"human": "humanRegimens", "mouse": "mouseRegimens"}
"""Field of the parameter node with the ticked ones of each species."""
NONE, PLANNED = "none", "planned"
USUAL = {
    "human": ("tchp", "tch", "ddac_thp", "neosphere_thp", "kristine"),
    "mouse": ("mouse_seq", "mouse_seq_reverse", "mouse_dce", "mouse_lima"),
}
"""Regimens that are ticked in a new scene: those before surgery of early HER2-positive disease; trastuzumab before and
after doxorubicin, and alone. They lead the list, so that they are seen together."""
AS_PLANNED = "As planned"
NEXT_DAY = 1.0
"""Days from the last visit to the first dose where no day is named: doses on the day of a visit count as given."""


def comparable(species: str) -> tuple[Regimen, ...]:
    """Regimens that stand alone; of several with the same doses the first."""
    regimens = [find_regimen(key) for key in regimen_keys(species)]
    found: dict[tuple[Part, ...], Regimen] = {}
    for regimen in regimens:
        if not regimen.is_add_on:
            found.setdefault(regimen.parts, regimen)
    return tuple(found.values())


def tick_choices(species: str) -> dict[str, tuple[str, str]]:
    """Key of what can be compared, in the order of a list: its short name, and what it gives, with the source."""
    regimens = {each.key: (each.label, _tip(each)) for each in comparable(species)}
    usual = {key: regimens.pop(key) for key in USUAL[species]}
    others = {
        PLANNED: (AS_PLANNED, "The doses that are on the time line from the first day on, if there are any"),
        NONE: (NO_TREATMENT, "Nothing more is given"),
    }
    return usual | others | regimens


def _tip(regimen: Regimen) -> str:
    doses = [f"{dose}: {days}" for dose, days in parts_of(regimen)]
    growth = ["With growth factor."] if regimen.growth_factor else []
    return "\n".join([regimen.title, *doses, *growth, *regimen.remarks, f"Source: {regimen.basis.said}"])


def ticked(parameters) -> tuple[str, ...]:
    """Keys that are ticked for the species."""
    return tuple(filter(None, (key.strip() for key in getattr(parameters, TICKS[parameters.species]).split(","))))


def comparison_of(
    parameters, model: Model, settings: PlanSettings, last_day: float, taken: Schedule, *, keeps_kinds: bool
) -> tuple[Comparison, PlanSettings]:
    """The ticked regimens for the patient, and the settings with the days that they leave open.

    Parameters
    ----------
    parameters : HER2ImmunoModelParameterNode
    model : Model
        As the doses given need it.
    settings : PlanSettings
    last_day : float
        Of the last visit.
    taken : Schedule
        Doses of the treatment table as the model takes them.
    keeps_kinds : bool
        Whether the kinds of exposure that were chosen hold; they do not where the doses given are full doses.

    Raises
    ------
    InputError
        Nothing to compare; a wrong patient or treatment table.
    """
    if settings.start_day is None:
        settings = replace(settings, start_day=last_day + NEXT_DAY)
    keys, species, start = ticked(parameters), parameters.species, settings.start_day
    drugs, doses, choice = called_drugs(parameters, model), given_doses(parameters), exposure_choice(parameters)
    planned = tuple(dose for dose in doses if dose.day >= start)
    others = []
    if PLANNED in keys and planned:
        others.append(ClinicalSchedule(planned, AS_PLANNED, parameters.exception, parameters.growthFactor))
    if NONE in keys:
        others.append(ClinicalSchedule((), NO_TREATMENT))
    comparison = compare(
        [find_regimen(key) for key in keys if key not in (NONE, PLANNED)],
        others,
        model=model,
        start_day=start,
        patient=patient_of(parameters),
        given=doses_before(start, doses, species, drugs),
        choice=choice if keeps_kinds else replace(choice, kinds={}),
        drugs=drugs,
        limits=clinical_rules(parameters, model, taken.before(start)) if parameters.clinicalLimits else (),
    )
    return comparison, comparison.with_horizon(settings, last_day)
