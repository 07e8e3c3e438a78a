"""What `rank` and `optimize` say of doses of the clinic: where each comes from, what was assumed, which limits hold."""

from __future__ import annotations

from collections.abc import Iterator

from HER2ImmunoModelLib.treatments import Schedule, covariates_of, find_drug

from ..patient_options import assumed_rows
from .question import Question


def clinical_summary(asked: Question, found: Schedule | None = None) -> dict[str, object]:
    """Doses for the patient, for JSON; nothing where they are full doses only.

    Parameters
    ----------
    asked : Question
    found : Schedule, optional
        What a search found, beside the candidates.
    """
    if not asked.in_units:
        return {}
    plans = [*asked.candidates, *([] if found is None else [found])]
    rows = assumed(asked)
    summary = {
        "limits": asked.clinic.limits,
        "exposures": asked.exposures,
        "assumed": [{name: row[name] for name in ("covariate", "value", "unit")} for row in rows],
        "provenance": {plan.name: asked.lines(plan) for plan in plans},
    }
    if found is not None:
        summary["prescription"] = [
            {"drug": dose.drug, "day": dose.day, "dose_mg": dose.mg, "said": dose.said}
            for dose in asked.prescription(found)
        ]
    return summary


def clinical_text(asked: Question) -> Iterator[str]:
    """The same on screen."""
    if not asked.in_units:
        return
    if rows := assumed(asked):
        yield "Assumed: " + ", ".join(f"{row['covariate']} {row['said']}" for row in rows)
    yield from (f"Exposure: {line}" for line in asked.exposures)
    if not asked.clinic.limits:
        yield "Hard limits were not looked at; ask for them with --limits."


def assumed(asked: Question) -> list[dict[str, object]]:
    """Numbers of the patient that the doses or the kinetics take, and that are not known."""
    species = asked.clinic.patient.species
    names = dict.fromkeys(dose.drug for plan in asked.candidates for dose in asked.prescription(plan))
    needed = {covariate for name in names for covariate in covariates_of(find_drug(name, species))}
    return assumed_rows(asked.clinic.patient, needed)
