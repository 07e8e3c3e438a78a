"""`her2immuno next`: which scan next would sharpen the answer of a calibrated model most, and when."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar
from HER2ImmunoCommonLib.results import staged_folder
from HER2ImmunoModelLib.calibration import read_calibration
from HER2ImmunoModelLib.findings import gain_chart, next_scans, wording
from HER2ImmunoModelLib.planning import SCAN_DRAWS, NextScan, next_scan
from HER2ImmunoModelLib.treatments import Schedule

from ..clinic import brought, clinic_of, decided, remarks, wanted_schedules
from ..clinical_summary import SaidDoses
from ..outputs import write_tables
from ..values import finite, words
from .options import ScheduleSettings, add_candidate_doses, add_schedule_arguments, schedule_settings
from .question import goal_of, horizon_of, provenance_of, question

NAME = "next"

CHART, CHART_SIZE = "next_scan.svg", (860, 560)
MOST_DAYS = 1000
SHOWN = 7
"""Days on screen; the table has all."""


@dataclass(frozen=True)
class NextSettings(ScheduleSettings):
    """What `her2immuno next` is asked: as `rank`, and which scans on which days.

    Attributes
    ----------
    schedule : Path or None
        Doses planned, whose outcome is to be known.
    choose : bool
        Whether the answer is which schedule is the best, of the standard six where none are named.
    days : tuple of float or None
        On which a scan could be.
    until : float or None
        Last of the days, where none are given.
    quantities : tuple of str or None
        Names of examinations.
    """

    schedule: Path | None = None
    choose: bool = False
    days: tuple[float, ...] | None = None
    until: float | None = None
    quantities: tuple[str, ...] | None = None

    @property
    def is_choice(self) -> bool:
        """Whether schedules are named, or asked for, among which is chosen."""
        return bool(self.choose or self.candidate or self.gaps is not None or len(self.clinical.regimen) > 1)

    def recorded(self) -> dict[str, object]:
        """Every choice; there is no curve of gaps."""
        return {name: value for name, value in super().recorded().items() if name != "gap_curve"}


@dataclass(frozen=True, eq=False)
class _Made:
    """What was found, with what its files and its summary say of the doses."""

    found: NextScan
    said: SaidDoses
    basis: str
    provenance: Provenance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schedule_arguments(parser, draws=SCAN_DRAWS, has_gap_curve=False)
    group = parser.add_argument_group("scans")
    group.add_argument("--schedule", type=Path, metavar="CSV", help="doses planned (default those of the calibration)")
    group.add_argument("--choose", action="store_true", help="which schedule is the best is asked, not its outcome")
    group.add_argument("--days", metavar="DAYS", help="days of a scan, DAY,DAY,... or FROM:TO:STEP (default up to 20)")
    group.add_argument("--until", type=finite, metavar="DAY", help="last of these days: when you must know")
    group.add_argument(
        "--quantities",
        metavar="NAME,...",
        help="of volume, vascular, necrotic, mri, pet, mri+pet, immune; + joins others in one visit (default all)",
    )
    add_candidate_doses(parser)


def read(arguments: argparse.Namespace) -> NextSettings:
    given = vars(arguments)
    own = {"gap_curve": 0, "days": _days(given["days"]), "quantities": words(given["quantities"])}
    settings = schedule_settings(NextSettings, {**given, **own})
    if settings.days is not None and settings.until is not None:
        raise InputError("Days are given with --days; leave out --until, or give --until alone.")
    if settings.schedule and (settings.is_choice or settings.clinical.regimen):
        raise InputError("One plan has an outcome, several are a choice; give --schedule, or the schedules to choose.")
    return settings


def run(settings: NextSettings, report: Report) -> dict:
    with staged_folder(settings.out, NAME) as stage:
        made = (_choice if settings.is_choice else _outcome)(settings, part(report, 0.0, 0.95))
        tell(report, 0.95, "Writing the results")
        names = _write(made, stage)
    found = made.found
    return {
        **_summary(found),
        **made.said.summary,
        "warnings": found.warnings,
        "files": {name: settings.out / file for name, file in names.items()},
        "text": [*_text(made), f"Results: {settings.out}"],
    }


def _choice(settings: NextSettings, report: Report) -> _Made:
    """Which of several schedules is the best."""
    asked = question(settings)
    if not asked.candidates:
        raise InputError("There is no schedule to choose; give --candidate CSV, or two drugs for the standard six.")
    weighs = asked.penalties is not None and asked.penalties.weighs
    found = next_scan(
        asked.calibration,
        asked.candidates,
        asked.goal,
        asked.rules,
        start_day=asked.doses.start,
        horizon_day=asked.horizon,
        penalties=asked.penalties if weighs else None,
        half_given=bool(settings.clinical.regimen),
        report=report,
        **_of_scans(settings),
    )
    found = replace(found, warnings=(*asked.warnings, *found.warnings))
    provenance = provenance_of(asked, settings, found.warnings)
    return _Made(found, asked.said, wording.basis(asked.calibration), provenance)


def _outcome(settings: NextSettings, report: Report) -> _Made:
    """What comes of one schedule: the doses of a file, a regimen, or those of the calibration."""
    calibration = read_calibration(settings.calibration)
    start = calibration.last_day if settings.start is None else settings.start
    clinic = clinic_of(settings.clinical, calibration.model, calibration.schedule, start)
    paths = [settings.schedule] if settings.schedule else []
    wanted = wanted_schedules(settings.clinical, paths, clinic, calibration.model, start)
    if len(wanted) > 1:
        raise InputError(f"{settings.schedule} has {len(wanted)} schedules; choose among them with --candidate.")
    clinic = decided(clinic, settings.clinical, wanted)
    told = brought(calibration, wanted, clinic)
    found = next_scan(
        told.calibration,
        (),
        goal_of(settings),
        clinic.rules,
        schedule=next(iter(told.schedules), None),
        start_day=start,
        horizon_day=horizon_of(settings, start, clinic, wanted),
        half_given=True,
        report=report,
        **_of_scans(settings),
    )
    found = replace(found, warnings=(*told.warnings, *remarks(clinic, wanted), *found.warnings))
    plans: tuple[Schedule, ...] = told.schedules or (calibration.schedule,)
    said = SaidDoses(clinic, plans, told.calibration.model, told.exposures)
    provenance = Provenance(
        module="HER2ImmunoModel",
        settings={**settings.recorded(), "start": start, "horizon": found.horizon_day},
        inputs={"calibration": settings.calibration.name, "schedule": plans[0].name, **said.record},
        formulas=(calibration.model.reference, *told.exposures),
        warnings=found.warnings,
    )
    return _Made(found, said, wording.basis(calibration), provenance)


def _of_scans(settings: NextSettings) -> dict[str, object]:
    shared = {"draws": settings.draws, "seed": settings.seed}
    return {"days": settings.days, "until_day": settings.until, "quantities": settings.quantities, **shared}


def _days(text: str | None) -> list[float] | None:
    """Days of a list with commas, or of FROM:TO:STEP, both ends included.

    Raises
    ------
    InputError
        Words that are no days.
    """
    if text is None:
        return None
    is_range = ":" in text
    try:
        numbers = [float(word) for word in text.split(":" if is_range else ",")]
    except ValueError:
        numbers = []
    if not is_range and numbers:
        return numbers
    first, last, step = (*numbers, 1.0)[:3] if len(numbers) in (2, 3) else (nan, nan, nan)
    if not (first < last and 0 < step <= last - first) or (last - first) / step > MOST_DAYS:
        raise InputError(f"--days {text}: give days with commas between them, or FROM:TO:STEP.")
    return [first + step * i for i in range(int((last - first) / step + 1e-9) + 1)]


def _write(made: _Made, stage: Path) -> dict[str, str]:
    """The table and, where charts can be drawn, the chart; gives the names of the files."""
    from HER2ImmunoCommonLib.charts import can_draw, to_svg  # loads vtk

    names = write_tables({"next_scan": next_scans.gains_table(made.found)}, stage, made.provenance)
    if can_draw():
        path = files.write_text(to_svg(gain_chart(made.found), CHART_SIZE), stage / CHART)
        write_sidecar(path, made.provenance)
        names["chart"] = CHART
    return names


def _summary(found: NextScan) -> dict:
    """Every number, for JSON."""
    names = ("schedules", "chosen", "before", "interval", "middle", "perfect", "start_day", "horizon_day", "last_day")
    more = ("noise", "noise_kind", "draws", "distinct", "n_failed")
    return {
        "answer": next_scans.answer(found),
        "objective": found.objective.name,
        "objective_label": found.objective.label,
        "unit": found.objective.unit,
        "is_choice": found.is_choice,
        **{name: getattr(found, name) for name in (*names, *more)},
        "helps": next_scans.helps(found),
        "is_settled": next_scans.is_settled(found),
        "proposed": found.proposed,
        "best": found.best,
        "as_good_as_best": found.equal,
        "scans": found.rows,
    }


def _text(made: _Made) -> Iterator[str]:
    """What the answer rests on, the answer, the gains of each scan on some days, and what was assumed."""
    found = made.found
    yield from filter(None, [made.basis, next_scans.answer(found)])
    yield from next_scans.lines(found, SHOWN)
    yield from next_scans.notes(found)
    yield from made.said.text()
    yield from (f"Warning: {text}" for text in found.warnings)
