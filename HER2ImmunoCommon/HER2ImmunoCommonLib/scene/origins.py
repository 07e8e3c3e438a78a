"""Which series each row of a measurement table was measured in, so that none is replaced by another unasked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import slicer

from ..errors import Question, QuestionsError
from ..examination import Examination, first_date
from ..measurements import Measurement, merge
from .corrected import CORRECTED, measured_of
from .database import instance_uids
from .examinations import examination_of, visit_folder
from .tables import CHOSEN, MEASUREMENTS_ATTRIBUTE, read_table

ORIGINS_ATTRIBUTE = "HER2Immuno.Origins"
EARLIER_ATTRIBUTE = "PETHypoxia.SeriesOfVisits"
"""Where scenes of version 0.1 keep the PET series of their rows."""
REPLACE_ROW = "replace_row"
"""Key of the question whether a row may be replaced."""
VOLUME = "volume_cm3"
SAME_VOLUME = 0.01
"""Relative difference up to which two volumes of a tumour are one, drawn on one grid or another."""
YES = frozenset({"yes", "y", "replace", "ja", "oui", "si", "sí"})


@dataclass(frozen=True)
class Origin:
    """Where the values of a row come from.

    Attributes
    ----------
    date : str
        Day of the examination, as YYYY-MM-DD; empty where it is not known.
    series : dict of str to str
        Modality (DCE, PET) to what tells its series from others.
    """

    date: str = ""
    series: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """The series whose values go into a row.

    Attributes
    ----------
    modality : str
        DCE or PET.
    identity : str
        What tells the series from others.
    name : str
        As a person knows it.
    is_own : callable
        Says of the name of a column whether this modality measures it.
    """

    modality: str
    identity: str
    name: str
    is_own: Callable[[str], bool]

    def claim(self, visit: str) -> str:
        """What an answer that allows this series to replace the row of a visit is kept as."""
        return f"{visit}|{self.identity}"


def origins_of(table: slicer.vtkMRMLTableNode | None) -> dict[str, Origin]:
    """Where the rows of a table come from, by visit; nothing of those typed or loaded."""
    if table is None:
        return {}
    earlier = json.loads(table.GetAttribute(EARLIER_ATTRIBUTE) or "{}")
    known = json.loads(table.GetAttribute(ORIGINS_ATTRIBUTE) or "{}")
    return {visit: Origin(series={"PET": uid}) for visit, uid in earlier.items()} | {
        visit: Origin(**entry) for visit, entry in known.items()
    }


def remember_origin(table: slicer.vtkMRMLTableNode, visit: str, source: Source, date: str) -> None:
    """Keep with a table that the row of a visit is now of this series."""
    known = origins_of(table)
    earlier = known.get(visit, Origin())
    known[visit] = Origin(date or earlier.date, earlier.series | {source.modality: source.identity})
    plain = {name: {"date": origin.date, "series": origin.series} for name, origin in known.items()}
    table.SetAttribute(ORIGINS_ATTRIBUTE, json.dumps(plain))
    if not table.GetAttribute(MEASUREMENTS_ATTRIBUTE):
        table.SetAttribute(MEASUREMENTS_ATTRIBUTE, CHOSEN)


def check_row(table: slicer.vtkMRMLTableNode | None, visit: str, source: Source, allowed: str) -> None:
    """Ask before values of another series, or of nobody knows which, are replaced.

    Parameters
    ----------
    table : vtkMRMLTableNode or None
    visit : str
    source : Source
    allowed : str
        What was allowed before (`Source.claim`).

    Raises
    ------
    QuestionsError
    """
    rows = [] if table is None else read_table(table)
    row = next((each for each in rows if each.visit == visit), None)
    taken = [] if row is None else [name for name in row.values if source.is_own(name)]
    of = origins_of(table).get(visit, Origin()).series.get(source.modality, "")
    if not taken or of == source.identity or allowed == source.claim(visit):
        return
    whose = "of another series" if of else "that were not measured here"
    text = (
        f"Row {visit!r} of {table.GetName()} has {source.modality} values {whose}. Write yes to replace them by those "
        f"of {source.name}, or give the visit another name."
    )
    raise QuestionsError([Question(REPLACE_ROW, text)])


def merged_row(
    table: slicer.vtkMRMLTableNode, row: Measurement, source: Source
) -> tuple[list[Measurement], tuple[str, ...]]:
    """The rows of a table with that of a visit, and what a person must know of it.

    Raises
    ------
    InputError
        As `merge`.
    """
    rows, name = read_table(table), table.GetName()
    known = next((each.values for each in rows if each.visit == row.visit), {})
    before, now = known.get(VOLUME), row.values.get(VOLUME)
    notes = [
        f"Row {other!r} of {name} is of the same series as {row.visit!r}; remove one of them."
        for other, origin in origins_of(table).items()
        if other != row.visit and _is_of(origin, source)
    ]
    if None not in (before, now) and abs(now - before) > SAME_VOLUME * before:
        notes.append(
            f"{VOLUME} of visit {row.visit!r} was {before:.3g} cm3 and is now {now:.3g} cm3, the volume of the segment "
            "chosen here."
        )
    return merge(rows, row), tuple(notes)


def visit_and_day(
    node: slicer.vtkMRMLNode, table: slicer.vtkMRMLTableNode | None, source: Source
) -> tuple[str, float] | None:
    """Name and day of the visit an image is of; None where nothing tells.

    What a study or the row measured before says goes first. Else the day is counted from the rows whose date is known,
    or from the first examination of this patient in the scene.
    """
    examination = examination_of(node)
    if examination.visit and examination.day is not None:
        return examination.visit, examination.day
    rows = [] if table is None else read_table(table)
    known = origins_of(table)
    for row in rows:
        if _is_of(known.get(row.visit, Origin()), source):
            return row.visit, row.day
    day = _day(node, examination, {row.visit: row.day for row in rows}, known)
    return None if day is None else (name_of_day(day), day)


def name_of_day(day: float) -> str:
    """What a visit is called that nobody named."""
    return "baseline" if day == 0 else f"day_{day:g}"


def visit_of(node: slicer.vtkMRMLNode, table: slicer.vtkMRMLTableNode) -> str:
    """The visit whose row was measured in these images, or a map of them; empty where nothing tells.

    By the series that the row is of, else by what a study says, by the date of the row, or by the folder of the visit.
    """
    known, examination = origins_of(table), examination_of(node)
    visits = {row.visit for row in read_table(table)}
    uids = examination.series_uids
    named = [each.GetName() for each in (node, measured_of(node))]
    names = {" ".join(uids), *uids, *named, node.GetID(), *instance_uids(node)[:1]} - {""}
    for visit, origin in known.items():
        if visit in visits and names & {identity.removesuffix(CORRECTED) for identity in origin.series.values()}:
            return visit
    if examination.visit in visits:
        return examination.visit
    for visit, origin in known.items():
        if visit in visits and examination.date and origin.date == examination.date:
            return visit
    folder = visit_folder(node)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    name = hierarchy.GetItemName(folder) if folder else ""
    return name if name in visits else ""


def _is_of(origin: Origin, source: Source) -> bool:
    return origin.series.get(source.modality) == source.identity


def _day(
    node: slicer.vtkMRMLNode, examination: Examination, days: dict[str, float], known: dict[str, Origin]
) -> float | None:
    for visit, day in days.items():
        if (after := examination.days_after(known.get(visit, Origin()).date)) is not None:
            return day + after
    return None if days else examination.days_after(first_date(_of_patient(node, examination)))


def _of_patient(node: slicer.vtkMRMLNode, examination: Examination) -> list[Examination]:
    """The examinations of the patient in the scene."""
    scene, kinds = node.GetScene(), ("vtkMRMLSequenceNode", "vtkMRMLScalarVolumeNode")
    every = [other for kind in kinds for other in slicer.util.getNodesByClass(kind, scene)]
    found = [examination_of(other) for other in every]
    return [other for other in found if other.patient == examination.patient]
