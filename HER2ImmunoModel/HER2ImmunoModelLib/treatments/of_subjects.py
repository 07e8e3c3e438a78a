"""The doses of several subjects in one table, each with the subject that it was given to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.reading import chosen_subject, listed

from ..models.model import Model
from .clinical_tables import ClinicalSchedule, read_clinical_schedule, read_clinical_subjects


def doses_of_subjects(
    path: str | Path, names: Sequence[str], source: str, model: Model | None = None, species: str = "human"
) -> dict[str, ClinicalSchedule]:
    """Read the doses of each subject of a measurement table.

    Parameters
    ----------
    path : path
        As `read_clinical_schedule` reads it, with a column `subject` where there are several.
    names : sequence of str
        Subjects of the measurement table; "" for one without a name.
    source : str
        Name of that table, for messages.
    model, species
        As `read_clinical_schedule`.

    Returns
    -------
    dict of str to ClinicalSchedule
        For every name; without doses where the table has none of that subject.

    Raises
    ------
    InputError
        As `read_clinical_schedule`; doses of a subject that was not measured, or doses that could be of any of several.
    """
    if list(names) == [""]:
        return {"": read_clinical_schedule(path, model, species)}
    given = read_clinical_subjects(path, model, species)
    if "" in given and len(names) > 1:
        raise InputError(
            f"{Path(path).name} does not say whose doses it holds, and {source} holds {len(names)} subjects "
            f"({listed(names)}); add a column subject."
        )
    if "" in given:
        return dict.fromkeys(names, given[""])
    for name in given:
        try:
            chosen_subject(name, names, source)
        except InputError as error:
            raise InputError(f"{Path(path).name} has doses of {name!r}: {error}") from error
    return {name: given.get(name, ClinicalSchedule(name=name)) for name in names}


def taken_as_untreated(name: str, path: str | Path) -> str:
    """What is said of a subject that a table of doses does not name."""
    return f"{name} has no dose in {Path(path).name} and is taken as untreated."
