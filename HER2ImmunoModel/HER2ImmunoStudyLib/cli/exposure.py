"""`her2immuno exposure`: what the doses of a regimen or a table make of concentrations in one patient."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from HER2ImmunoCommonLib import charts, files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar
from HER2ImmunoCommonLib.results import staged_folder
from HER2ImmunoModelLib.drugs import Curve, Exposure, Patient, curve_of, exposure_of, find_drug
from HER2ImmunoModelLib.findings import curve_chart, curve_table, exposure_table
from HER2ImmunoModelLib.limits import History, check_limits
from HER2ImmunoModelLib.regimens import add_on, fill, find_regimen
from HER2ImmunoModelLib.treatments import (
    ClinicalDose,
    ResolvedDose,
    apply_loading,
    dose_remarks,
    read_clinical_schedule,
    resolve,
)

from .model_options import SPECIES
from .outputs import write_tables
from .patient_options import (
    add_patient_arguments,
    assumed_rows,
    assumed_summary,
    assumed_text,
    covariates_of_doses,
    patient_of,
)
from .values import answers, filled, finite

NAME = "exposure"


@dataclass(frozen=True)
class ExposureSettings:
    """What `her2immuno exposure` is asked.

    Attributes
    ----------
    source : str
        The regimen or the name of the table.
    doses : tuple of ClinicalDose
    patient : Patient
    sets : dict of str to str
        Parameter set of each drug that has not its default.
    said : tuple of str
        About loading doses.
    history : History
        What the regimen brings, such as growth factor.
    exception : str
        Of the regimen, from the limits.
    out : Path
    """

    source: str
    doses: tuple[ClinicalDose, ...]
    patient: Patient
    sets: dict[str, str]
    said: tuple[str, ...]
    history: History
    exception: str
    out: Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--regimen", metavar="KEY", help="a regimen of `her2immuno regimens`")
    what.add_argument("--schedule", type=Path, metavar="CSV", help="doses: drug, day, dose, unit")
    parser.add_argument("--add", action="append", default=[], metavar="KEY", help="an add-on of the list (repeatable)")
    parser.add_argument("--start-day", type=finite, metavar="DAY", help="day of the regimen's first dose (default 0)")
    parser.add_argument(
        "--loading", action="store_true", help="give the table's first and late doses as the loading doses of the label"
    )
    parser.add_argument("--species", choices=SPECIES, help="whose drugs (default the regimen's, or human)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="sets",
        metavar="DRUG=SET",
        help="another parameter set of a drug, such as trastuzumab=q19 (repeatable)",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")
    add_patient_arguments(parser)


def read(arguments: argparse.Namespace) -> ExposureSettings:
    given = vars(arguments)
    if arguments.schedule is not None and arguments.start_day is not None:
        raise InputError("A table has its own days; leave out --start-day, or name a regimen.")
    if arguments.regimen is not None and arguments.loading:
        raise InputError("A regimen has its loading doses; leave out --loading.")
    regimen = None if arguments.regimen is None else find_regimen(arguments.regimen)
    species = arguments.species or (regimen.species if regimen else "human")
    patient = _patient(given, species)
    said: tuple[str, ...] = ()
    if regimen is not None:
        doses = fill(regimen, arguments.start_day or 0.0, species=species, patient=patient)
    else:
        doses = read_clinical_schedule(arguments.schedule, species=species).doses
        if arguments.loading:
            loaded = apply_loading(doses, species)
            doses, said = loaded.doses, loaded.said
    for key in arguments.add:
        doses = add_on(doses, key)
    sets = {find_drug(name, species).name: chosen for name, chosen in answers(arguments.sets).items()}
    source = regimen.key if regimen else arguments.schedule.name
    history = History(growth_factor=regimen is not None and regimen.growth_factor)
    made = {"source": source, "doses": doses, "patient": patient, "sets": sets, "said": said, "history": history}
    return filled(ExposureSettings, {**given, **made, "exception": regimen.exception if regimen else ""})


def _patient(given: dict[str, object], species: str) -> Patient:
    patient = patient_of(given)
    if species == "human":
        return patient
    if patient != Patient():
        raise InputError("The doses are for a mouse; leave out the options of a patient.")
    return Patient(species=species)


def run(settings: ExposureSettings, report: Report) -> dict:
    resolved = [dose for dose in resolve(settings.doses, settings.patient, settings.patient.species) if dose.mg > 0]
    if not resolved:
        raise InputError(f"There is no dose in {settings.source}; give one.")
    drugs = list(dict.fromkeys(dose.drug for dose in resolved))
    if missing := [name for name in settings.sets if name not in drugs]:
        raise InputError(f"--set names {missing[0]}, of which there is no dose; leave it out.")
    exposures, curves, unknown = _courses(settings, drugs, resolved, part(report, 0.0, 0.8))
    broken = check_limits(resolved, settings.patient, settings.history, settings.exception)
    capped = dose_remarks(settings.doses, settings.patient)
    warnings = (*capped, *(each.sentence for each in broken), *unknown)
    tell(report, 0.8, "Writing the results")
    assumed = assumed_rows(settings.patient, _covariates(settings, exposures))
    with staged_folder(settings.out, NAME) as stage:
        names = _write(stage, settings, exposures, curves, warnings)
    text = _text(settings, exposures, resolved, assumed)
    return {
        "drugs": _drugs(exposures, resolved),
        "assumed": assumed_summary(assumed),
        "provenance": [f"{dose.drug} on day {dose.day:g}: {dose.said}" for dose in resolved],
        "loading": settings.said,
        "warnings": warnings,
        "files": {name: settings.out / file for name, file in names.items()},
        "remarks": [*_remarks(settings, exposures)],
        "text": [*text, *(f"Warning: {sentence}" for sentence in warnings), f"Results: {settings.out}"],
    }


def _courses(
    settings: ExposureSettings, drugs: list[str], resolved: list[ResolvedDose], report: Report | None
) -> tuple[list[Exposure], list[Curve], list[str]]:
    """Exposure and curve of each drug with known kinetics, and what must be said of the others."""
    exposures, curves, unknown = [], [], []
    for number, name in enumerate(drugs):
        tell(report, number / len(drugs), f"Calculating {name}")
        drug = find_drug(name, settings.patient.species)
        if not drug.sets:
            unknown.append(f"The kinetics of {drug.label} in the {drug.species} are not known, so it has no exposure.")
            continue
        chosen = settings.sets.get(name, "")
        doses = [(dose.day, dose.mg) for dose in resolved if dose.drug == name]
        exposures.append(exposure_of(drug, doses, settings.patient, chosen))
        curves.append(curve_of(drug, doses, settings.patient, chosen))
    return exposures, curves, unknown


def _covariates(settings: ExposureSettings, exposures: list[Exposure]) -> set[str]:
    """Numbers of the patient that the doses or the kinetics take."""
    return covariates_of_doses(settings.doses).union(*(each.assumed for each in exposures))


def _remarks(settings: ExposureSettings, exposures: list[Exposure]) -> Iterator[str]:
    for each in exposures:
        drug = find_drug(each.drug, settings.patient.species)
        if remark := drug.set_named(each.set_name).remark:
            yield f"{drug.label}, {each.set_name}: {remark}"


def _write(
    stage: Path, settings: ExposureSettings, exposures: list[Exposure], curves: list[Curve], warnings: tuple[str, ...]
) -> dict[str, str]:
    """Tables and charts with their records; gives the names of the files."""
    bases = {each.drug: find_drug(each.drug, settings.patient.species).set_named(each.set_name) for each in exposures}
    provenance = Provenance(
        module="HER2ImmunoModel",
        settings={"sets": {name: chosen.name for name, chosen in bases.items()}},
        inputs={"doses": [(dose.drug, dose.day, dose.size, dose.unit) for dose in settings.doses]},
        formulas=tuple(f"{name}: {chosen.basis.said}" for name, chosen in bases.items()),
        warnings=warnings,
    )
    tables = {"exposures": exposure_table(exposures), "concentrations": curve_table(curves)}
    names = write_tables(tables, stage, provenance)
    if not charts.can_draw():
        return names
    for curve in curves:
        file = f"{curve.drug}.svg"
        write_sidecar(files.write_text(charts.to_svg(curve_chart(curve)), stage / file), provenance)
        names[f"chart_{curve.drug}"] = file
    return names


def _drugs(exposures: list[Exposure], resolved: list[ResolvedDose]) -> dict[str, dict]:
    found = {
        each.drug: {
            "unit": each.unit,
            "auc_unit": each.auc_unit,
            "set": each.set_name,
            "accumulation": each.accumulation,
            "doses": each.doses,
        }
        for each in exposures
    }
    for dose in resolved:
        if dose.drug not in {each.drug for each in exposures}:
            nothing = dict.fromkeys(("unit", "auc_unit", "set", "accumulation"))
            unknown = found.setdefault(dose.drug, {**nothing, "doses": []})
            row = {"day": dose.day, "dose_mg": dose.mg, "peak": None, "trough": None, "auc": None}
            unknown["doses"].append(row)
    return found


def _text(
    settings: ExposureSettings, exposures: list[Exposure], resolved: list[ResolvedDose], assumed: list[dict]
) -> Iterator[str]:
    yield f"{settings.source}: {len(resolved)} doses"
    yield from settings.said
    for each in exposures:
        basis = find_drug(each.drug, settings.patient.species).set_named(each.set_name).basis
        yield f"{each.drug} [{each.set_name}; {basis.said}]"
        yield f"    day       mg     peak   trough ({each.unit})  AUC ({each.auc_unit})"
        for dose in each.doses:
            yield f"  {dose.day:>5g} {dose.dose_mg:>8.5g} {dose.peak:>8.4g} {dose.trough:>8.3g} {dose.auc:>16.4g}"
    yield from assumed_text(assumed)
    yield from (f"Note: {remark}" for remark in _remarks(settings, exposures))
