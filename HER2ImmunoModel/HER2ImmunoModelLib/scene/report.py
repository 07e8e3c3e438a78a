"""The report of the subject that is chosen, written from what the scene keeps of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.provenance import from_json
from HER2ImmunoCommonLib.scene import PROVENANCE_ATTRIBUTE, chart_from_node, read_values

from ..calibration.result import Calibration
from ..findings.comparison import RIVAL, recorded_apart
from ..findings.plan import PlanRequest
from ..findings.request import Findings
from ..planning.plan import candidates_of
from ..planning.plan_settings import with_days
from ..report import ReportRequest, SubjectReport, write_report
from ..treatments.schedule import Schedule
from .inputs import gather, gather_check, gather_choice, gather_evidence, gather_optimum, gather_prior
from .patients import patient_of, said_of_patient
from .publishing import table_of, tables_of
from .report_doses import doses_of, drugs_given, limits_of
from .report_scenarios import scenarios_to_report
from .results import read_results, with_known_calibration
from .visit_maps import maps_of_visits

QUESTIONS = {
    "Optimum": ("The search of the best schedule", gather_optimum),
    "Check": ("The forecast check", gather_check),
    "Choice": ("The choice of model", gather_choice),
    "Evidence": ("What the data say", gather_evidence),
    "Prior": ("What the prior says", gather_prior),
}
NOT_YET = "Calibrate and rank first."
STALE = "The inputs have changed since the ranking; run it again."
NO_CALIBRATION = (
    "The scene does not hold the calibration of these results, so the treatment window, the 50 % bands, the parameters "
    "and the courses under the first schedules are left out."
)


def reason_not_to_report(parameters, request: str) -> str:
    """Why there is nothing to report of a request (`Request.key()`), as a sentence; empty if there is."""
    results = read_results(parameters.parameterNode)
    if results is None:
        return NOT_YET
    return "" if results.request == request else STALE


def gather_report(parameters) -> ReportRequest:
    """Read the request for the report of the results in the scene.

    Raises
    ------
    InputError
        If there are no results of the present inputs.
    """
    request = gather(parameters)
    if reason := reason_not_to_report(parameters, request.key()):
        raise InputError(reason)
    plan = findings_of(parameters.parameterNode, PlanRequest.kind)
    calibration = with_known_calibration(request, parameters.parameterNode).calibration
    known = _known(parameters, request, plan, calibration)
    if calibration is None:
        return ReportRequest(known, given=drugs_given(parameters))
    settings = with_days(request.settings, calibration.last_day)
    brought = None if request.comparison is None else request.comparison.brought(calibration, settings.seed)
    candidates = candidates_of(settings, calibration.model) if brought is None else brought.schedules
    schedules = (None, *_first(candidates, plan))
    days = settings.start_day, settings.horizon_day, settings.draws
    tried, live, missing = scenarios_to_report(parameters)
    known = replace(known, left_out=(*known.left_out, *missing))
    more = {"tried": tried, "live": live, "level_cm3": settings.level_cm3}
    more["followed"] = None if brought is None else brought.calibration
    return ReportRequest(known, schedules, *days, given=drugs_given(parameters), **more)


def write_subject_report(path: str | Path, parameters) -> tuple[Path, Path, Path]:
    """Write the report of the results in the scene; files as `write_report`, errors as `gather_report`."""
    return write_report(gather_report(parameters).make(), path)


def _known(parameters, request: PlanRequest, plan: Findings, calibration: Calibration | None) -> SubjectReport:
    questions, outdated = _questions(parameters)
    doses, visits = doses_of(parameters), request.measurements
    maps, said_of_maps = maps_of_visits(parameters.measurements, visits)
    return SubjectReport(
        subject=parameters.measurements.GetName(),
        model=request.tumour_model if calibration is None else calibration.model,
        measurements=visits,
        plan=plan,
        questions=questions,
        calibration=calibration,
        maps=maps,
        said_of_maps=said_of_maps,
        doses=doses,
        limits=limits_of(parameters),
        said_of_patient=said_of_patient(patient_of(parameters)) if any(dose.said for dose in doses) else "",
        left_out=(*([NO_CALIBRATION] if calibration is None else []), *outdated),
        versions=_application(),
    )


def findings_of(parameter_node: slicer.vtkMRMLScriptedModuleNode, kind: str) -> Findings | None:
    """What a piece of work found, out of the nodes that keep it; None if the scene has none."""
    results, table = read_results(parameter_node, kind), table_of(parameter_node, kind)
    if results is None:
        return None
    charts = [chart_from_node(node) for node in results.charts]
    return Findings(
        answer=results.answer,
        header=tuple(results.header),
        cells=results.cells,
        tables={role: (node.GetName(), read_values(node)) for role, node in tables_of(parameter_node, kind).items()},
        charts=tuple(chart for chart in charts if chart is not None),
        provenance=from_json(table.GetAttribute(PROVENANCE_ATTRIBUTE)),
        notes=results.notes,
        warnings=results.warnings,
        basis=results.basis,
        failed=results.failed,
        alarm=results.alarm,
        keys=results.keys,
        header_tips=tuple(results.header_tips),
        cost_header=tuple(results.cost_header),
        cost_cells=results.cost_cells,
        agreement_said=results.agreement_said,
        agreement_header=tuple(results.agreement_header),
        agreement_tips=tuple(results.agreement_tips),
        agreement_cells=results.agreement_cells,
    )


def _questions(parameters) -> tuple[dict[str, Findings], list[str]]:
    """What else was asked of the present inputs, and a sentence for each that was asked of others."""
    found, outdated = {}, []
    for kind, (title, gather_question) in QUESTIONS.items():
        results = read_results(parameters.parameterNode, kind)
        if results is None:
            continue
        try:
            is_present = gather_question(parameters).key() == results.request
        except InputError:  # which is said in its section of the panel
            is_present = False
        if is_present:
            found[kind] = findings_of(parameters.parameterNode, kind)
        else:
            outdated.append(f"{title} is left out, as it was made from other inputs than the ranking; run it again.")
    return found, outdated


def _first(candidates: Sequence[Schedule], plan: Findings) -> list[Schedule]:
    """The schedule that comes first; also the one that the draws do not tell apart from it."""
    known, record = {schedule.name: schedule for schedule in candidates}, plan.provenance
    names = [cells[0] for cells in plan.cells[: 2 if recorded_apart(record) is False else 1]]
    names[1:] = [record.settings.get(RIVAL) or name for name in names[1:]]
    return [known[name] for name in names if name in known]


def _application() -> dict[str, str]:
    version = getattr(getattr(slicer, "app", None), "applicationVersion", "")
    return {"3D Slicer": version} if version else {}
