"""`her2immuno regimens`: the regimens there are, or one of them in mg for a patient, in a calendar, with its limits."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoModelLib.drugs import Patient
from HER2ImmunoModelLib.limits import Broken, History, LimitRow, check_limits, excepted, limit_table
from HER2ImmunoModelLib.regimens import CalendarRow, Regimen, add_on, calendar, fill, find_regimen, regimen_keys
from HER2ImmunoModelLib.treatments import (
    ClinicalDose,
    ClinicalSchedule,
    ResolvedDose,
    dose_remarks,
    resolve,
    write_clinical_schedule,
)

from .history_options import add_history_arguments, doses_so_far, history_of
from .model_options import SPECIES
from .patient_options import (
    add_patient_arguments,
    assumed_rows,
    assumed_summary,
    assumed_text,
    covariates_of_doses,
    patient_of,
)
from .values import filled, finite

NAME = "regimens"


@dataclass(frozen=True)
class RegimensSettings:
    """What `her2immuno regimens` is asked.

    Attributes
    ----------
    regimen : str or None
        Key; None for the list.
    species : str or None
    add : tuple of str
        Keys of add-ons.
    start_day : float or None
        Day of the first dose.
    start_date : date or None
        Its date.
    patient : Patient
    so_far : tuple of ClinicalDose
        Doses given before.
    history : History
    out : Path or None
        File of the doses.
    """

    regimen: str | None
    species: str | None
    add: tuple[str, ...]
    start_day: float | None
    start_date: date | None
    patient: Patient
    so_far: tuple[ClinicalDose, ...]
    history: History
    out: Path | None


@dataclass(frozen=True)
class Dosed:
    """A regimen for one patient."""

    regimen: Regimen
    doses: tuple[ClinicalDose, ...]
    resolved: tuple[ResolvedDose, ...]
    rows: tuple[CalendarRow, ...]
    limits: tuple[LimitRow, ...]
    broken: tuple[Broken, ...]
    excepted: tuple[Broken, ...]
    remarks: tuple[str, ...]
    assumed: tuple[dict[str, object], ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("regimen", nargs="?", metavar="KEY", help="a regimen of the list; without it, the list")
    parser.add_argument("--species", choices=SPECIES, help="list this species only; whom the regimen is for")
    parser.add_argument("--add", action="append", default=[], metavar="KEY", help="an add-on of the list (repeatable)")
    parser.add_argument("--start-day", type=finite, metavar="DAY", help="day of the first dose (default 0)")
    parser.add_argument("--start-date", type=_date, metavar="YYYY-MM-DD", help="date of the first dose")
    parser.add_argument("--out", type=Path, metavar="CSV", help="write the doses: drug, day, dose, unit")
    add_patient_arguments(parser)
    add_history_arguments(parser)


def _date(text: str) -> date:
    """A date, for argparse."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no date; write it as 2026-03-30") from None


def read(arguments: argparse.Namespace) -> RegimensSettings:
    given = vars(arguments)
    patient = patient_of(given)
    species = arguments.species or "human"
    if arguments.regimen is None and (arguments.out or arguments.add):
        raise InputError("No regimen is named, so there are no doses; name one of `her2immuno regimens`.")
    if arguments.regimen is not None and find_regimen(arguments.regimen).species == "mouse":
        species = arguments.species or "mouse"
        if species == "mouse":
            if patient != Patient():
                raise InputError(f"The regimen {arguments.regimen} is for a mouse; leave out the options of a patient.")
            patient = Patient(species=species)
    so_far = doses_so_far(given, species)
    made = {"patient": patient, "so_far": so_far, "history": history_of(given, patient, so_far)}
    return filled(RegimensSettings, {**given, **made})


def run(settings: RegimensSettings, report: Report) -> dict:
    if settings.regimen is None:
        return _list(settings.species)
    dosed = _dosed(settings)
    summary = {**_summary(dosed), "text": list(_text(dosed))}
    if settings.out is None:
        return summary
    write_clinical_schedule(settings.out, ClinicalSchedule(dosed.doses, dosed.regimen.key))
    return {**summary, "files": {"doses": settings.out}, "text": [*summary["text"], f"Doses: {settings.out}"]}


def _list(species: str | None) -> dict:
    chosen = [find_regimen(key) for key in regimen_keys(species)]
    width = max(len(regimen.key) for regimen in chosen)
    return {
        "regimens": [_described(regimen) for regimen in chosen],
        "text": [f"{regimen.key:<{width}}  {regimen.title} [{regimen.basis.said}]" for regimen in chosen],
    }


def _described(regimen: Regimen) -> dict:
    return {
        "key": regimen.key,
        "title": regimen.title,
        "species": regimen.species,
        "mark": regimen.basis.mark,
        "source": regimen.basis.source,
        "remarks": regimen.remarks,
        "exception": regimen.exception,
        "growth_factor": regimen.growth_factor,
        "imaging_days": regimen.imaging_days,
    }


def _dosed(settings: RegimensSettings) -> Dosed:
    regimen, patient = find_regimen(settings.regimen), settings.patient
    start = settings.start_day or 0.0
    species = settings.species or regimen.species
    doses = fill(regimen, start, species=species, given=settings.so_far, patient=patient)
    for key in settings.add:
        doses = add_on(doses, key)
    history = replace(settings.history, growth_factor=settings.history.growth_factor or regimen.growth_factor)
    resolved = resolve(doses, patient, species)
    return Dosed(
        regimen,
        doses,
        resolved,
        calendar(doses, _day_zero(settings), species),
        limit_table((dose.drug for dose in doses), history) if species == "human" else (),
        check_limits(resolved, patient, history, regimen.exception),
        excepted(resolved, patient, history, regimen.exception),
        dose_remarks(doses, patient),
        tuple(assumed_rows(patient, covariates_of_doses(doses))),
    )


def _day_zero(settings: RegimensSettings) -> date | None:
    """Date of day 0, from that of the first dose."""
    if settings.start_date is None:
        return None
    try:
        return settings.start_date - timedelta(days=settings.start_day or 0.0)
    except OverflowError:
        raise InputError(
            f"Day {settings.start_day:g} cannot be {settings.start_date}, as day 0 is then no date; choose another."
        ) from None


def _summary(dosed: Dosed) -> dict:
    """Without dates, which summaries do not hold; the day of the week stays."""
    return {
        "regimen": _described(dosed.regimen),
        "doses": [
            {
                "drug": dose.drug,
                "day": dose.day,
                "dose": dose.size,
                "unit": dose.unit,
                "dose_mg": resolved.mg,
                "said": resolved.said,
                "weekday": row.weekday,
                "cycle": row.cycle,
                "cycle_day": row.cycle_day,
            }
            for dose, resolved, row in zip(dosed.doses, dosed.resolved, dosed.rows, strict=True)
        ],
        "assumed": assumed_summary(dosed.assumed),
        "limits": dosed.limits,
        "broken": dosed.broken,
        "excepted": dosed.excepted,
        "warnings": [*dosed.remarks, *(broken.sentence for broken in dosed.broken)],
    }


def _text(dosed: Dosed) -> Iterator[str]:
    regimen = dosed.regimen
    yield f"{regimen.key}: {regimen.title}"
    yield f"Source: {regimen.basis.said}"
    yield from regimen.remarks
    if regimen.growth_factor:
        yield "Growth factor is given with each cycle."
    if regimen.imaging_days:
        yield f"Imaging: days {', '.join(f'{day:g}' for day in regimen.imaging_days)} from the first dose"
    yield "Doses (day, date, cycle and its day, drug, dose):"
    for row, resolved in zip(dosed.rows, dosed.resolved, strict=True):
        when = f"{row.date} {row.weekday[:3]}  " if row.date else ""
        yield f"  {row.day:>5g}  {when}{row.cycle:>2} d{row.cycle_day:<3} {row.drug:<17} {resolved.said}"
    yield from assumed_text(dosed.assumed)
    if dosed.limits:
        yield "Limits:"
    for limit in dosed.limits:
        yield f"  {limit.rule}: {limit.drug + ', ' if limit.drug else ''}{limit.value} [{limit.source}]"
    for broken in dosed.excepted:
        yield f"Excepted, as the trial gave it: {broken.sentence}"
    for sentence in (*dosed.remarks, *(broken.sentence for broken in dosed.broken)):
        yield f"Warning: {sentence}"
    if dosed.limits and not dosed.broken:
        yield f"The doses keep every {'other ' if dosed.excepted else ''}limit."
