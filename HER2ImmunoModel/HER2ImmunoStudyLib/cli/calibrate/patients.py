"""The subjects of a measurement table, each with the doses that it was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement, read_subjects
from HER2ImmunoCommonLib.reading import chosen_subject
from HER2ImmunoModelLib.calibration import Subject
from HER2ImmunoModelLib.drugs import Patient
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.treatments import (
    ClinicalSchedule,
    Prescription,
    Schedule,
    doses_of_subjects,
    prescribe,
    taken_as_untreated,
)
from HER2ImmunoModelLib.visits import suspicions

from ..clinical_words import exposure_choice
from .options import CalibrateSettings


def read_patients(
    settings: CalibrateSettings, chosen: Sequence[Model]
) -> tuple[tuple[Subject, ...], Prescription | None]:
    """Read the visits and doses of every subject, or of the one that is named; never those of two as one.

    Returns
    -------
    subjects : tuple of Subject
        What is suspicious in their visits is in the remarks of the first one.
    told : Prescription or None
        What their doses are for the model, where they have units.

    Raises
    ------
    InputError
        As the readers; no such subject; doses in units of several subjects with the options of one patient.
    """
    measured, source = read_subjects(settings.table), settings.table.name
    names, model = list(measured), chosen[0]
    wanted = names if settings.subject is None else [chosen_subject(settings.subject, names, source)]
    if settings.schedule is None:
        given = dict.fromkeys(names, ClinicalSchedule())
    else:
        given = doses_of_subjects(settings.schedule, names, source, model, model.species)
    schedules, told = _taken({name: given[name] for name in wanted}, settings, chosen)
    model = told.model if told else model
    subjects = (
        Subject(name or settings.table.stem, _remarked(measured[name], _untreated(name, given, settings), model), doses)
        for name, doses in zip(wanted, schedules, strict=True)
    )
    return tuple(subjects), told


def _taken(
    given: Mapping[str, ClinicalSchedule], settings: CalibrateSettings, chosen: Sequence[Model]
) -> tuple[Sequence[Schedule], Prescription | None]:
    """The doses given, as the model takes them; with its exposures where they have units."""
    if all(doses.is_relative for doses in given.values()):
        return [doses.as_schedule() for doses in given.values()], None
    model = chosen[0]
    if len(chosen) > 1:
        raise InputError(
            f"{settings.schedule.name} has doses in units, whose exposures differ between models; name one --model."
        )
    if model.species != "human" and settings.patient != Patient():
        raise InputError(f"The model is of a {model.species}; leave out the options of a patient.")
    if len(given) > 1 and settings.patient != Patient():
        raise InputError(
            f"The options of a patient are of one, but {settings.table.name} holds {len(given)} subjects; name one "
            "with --subject."
        )
    patient = settings.patient if model.species == "human" else Patient(species=model.species)
    told = prescribe(list(given.values()), model, patient, exposure_choice(settings.exposure, model))
    return told.schedules, told


def _untreated(name: str, given: Mapping[str, ClinicalSchedule], settings: CalibrateSettings) -> tuple[str, ...]:
    if settings.schedule is None or given[name].doses or not any(each.doses for each in given.values()):
        return ()
    return (taken_as_untreated(name, settings.schedule),)


def _remarked(visits: Sequence[Measurement], remarks: Sequence[str], model: Model) -> tuple[Measurement, ...]:
    first, *others = visits
    said = (*first.remarks, *remarks, *suspicions(visits, model.species))
    return replace(first, remarks=said), *others
