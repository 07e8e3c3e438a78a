"""Several subjects of one file, taken out of the scene to be calibrated at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from HER2ImmunoCommonLib.errors import InputError

from ..calibration.result import Calibration
from ..findings.calibrate import CalibrateRequest
from ..findings.cohort_request import CohortRequest
from ..planning.plan import NOT_OF_COHORT
from ..treatments.schedule import Schedule
from .animals import treatments_of_group
from .inputs import gather_calibrate
from .results import known_calibration, read_calibration_node
from .subjects import (
    FILE_ATTRIBUTE,
    GROUP_ATTRIBUTE,
    Table,
    subject_of,
    subjects_beside,
    treatments_of_subject,
    whose_doses,
)

ONE_SUBJECT = "Load a table with several subjects under Visits; then all of them can be calibrated at once."
NO_DOSES = "No table of doses is chosen under Visits: every subject is taken as untreated."
ONE_PATIENT = (
    "Doses in units were followed for the one patient that is described under Visits, in all subjects; where "
    "they differ in weight or size, give full doses."
)


def gather_cohort(parameters) -> CohortRequest:
    """Read the request to calibrate all subjects of the file that the chosen one is of.

    Raises
    ------
    InputError
        There is one subject only; as `gather_calibrate`, a message names the subject; doses of others only.
    """
    tables = subjects_beside(parameters.measurements)
    if len(tables) < 2:
        raise InputError(ONE_SUBJECT)
    alone = tuple(
        (subject_of(table), table.GetAttribute(GROUP_ATTRIBUTE) or "", _gather(parameters, table)) for table in tables
    )
    return CohortRequest(
        (),
        Schedule(),
        replace(alone[0][2].settings, drug=""),
        how=parameters.cohortHow,
        source=tables[0].GetAttribute(FILE_ATTRIBUTE),
        alone=alone,
        remarks=tuple(_remarks(parameters, [one for _name, _group, one in alone])),
    )


def calibration_in_use(parameters) -> Calibration | None:
    """The calibration that other pages go by: the one in the scene, or the subject's out of that of several.

    Raises
    ------
    InputError
        As `gather_calibrate`, where it is out of that of several.
    """
    node = parameters.parameterNode
    return (
        known_calibration(gather_calibrate(parameters), node) if parameters.cohortUsed else read_calibration_node(node)
    )


def problem_of_use(parameters) -> str:
    """Why the calibration of several subjects cannot be gone on with, in a sentence; empty if it can or need not."""
    if not parameters.cohortUsed:
        return ""
    try:
        return "" if calibration_in_use(parameters) else NOT_OF_COHORT
    except InputError:  # which is said where the calibration of the subject starts
        return ""


class OfSubject:
    """The parameter node as it were with another subject chosen, which is calibrated alone; nothing can be kept in it.

    Parameters
    ----------
    parameters : HER2ImmunoModelParameterNode
    measurements, treatments : vtkMRMLTableNode or None
    """

    def __init__(self, parameters, measurements: Table, treatments: Table | None):
        self._parameters, self.measurements, self.treatments = parameters, measurements, treatments
        self.cohortUsed = False

    def __getattr__(self, name: str):
        return getattr(self._parameters, name)


def _gather(parameters, measurements: Table) -> CalibrateRequest:
    treatments = _doses_of(measurements, parameters.treatments)
    try:
        return gather_calibrate(OfSubject(parameters, measurements, treatments))
    except InputError as error:
        raise InputError(f"Subject {subject_of(measurements)}: {error}") from error


def _doses_of(measurements: Table, treatments: Table | None) -> Table | None:
    """The table of doses of a subject; an error where the chosen one is of other subjects or groups."""
    found = treatments_of_group(measurements, treatments_of_subject(measurements, treatments))
    if found is None:
        return None
    name = subject_of(measurements)
    if subject_of(found) and subject_of(found) != name:
        raise InputError(whose_doses(measurements, found))
    group, given = measurements.GetAttribute(GROUP_ATTRIBUTE), found.GetAttribute(GROUP_ATTRIBUTE)
    if given is not None and given != group:
        raise InputError(
            f"{found.GetName()} is of a group that {name} is not of, and no table of doses is of its own; load one "
            "that names every group."
        )
    return found


def _remarks(parameters, alone: list[CalibrateRequest]) -> Iterator[str]:
    """What must be told of the doses."""
    table = parameters.treatments
    if table is None:
        yield NO_DOSES
    elif not subject_of(table) and table.GetAttribute(GROUP_ATTRIBUTE) is None and table.GetTable().GetNumberOfRows():
        yield f"{table.GetName()} does not say whose doses it holds; they are taken for those of every subject."
    if parameters.species == "human" and any(one.exposures is not None for one in alone):
        yield ONE_PATIENT
