"""What is asked of the next scan, taken out of the scene: the answer, its plans and the scans to choose from."""

from __future__ import annotations

from math import isfinite

from HER2ImmunoCommonLib.errors import InputError

from ..findings.next_request import SCENARIOS, SCHEDULES, NextScanRequest
from .inputs import gather, gather_calibrate
from .scenarios import planned_doses, scenarios_of
from .what_if import live_inputs


def gather_next_scan(parameters) -> NextScanRequest:
    """Read the request for the next scan from the module's parameter node.

    Raises
    ------
    InputError
        As `gather`, `live_inputs` and `scenarios_of`; fewer than two scenarios to choose from, or a day that is none.
    """
    asked = {
        "answer": parameters.nextScanAnswer,
        "scans": tuple(name.strip() for name in parameters.nextScans.split(",") if name.strip()),
        "until_day": _day(parameters.nextScanUntil),
    }
    if parameters.nextScanAnswer == SCHEDULES:
        plan = gather(parameters)
        return NextScanRequest(
            plan.measurements,
            plan.given,
            plan.settings,
            plan.constraints,
            exposures=plan.exposures,
            penalties=plan.penalties,
            comparison=plan.comparison,
            **asked,
        )
    if parameters.nextScanAnswer == SCENARIOS:
        scenarios = scenarios_of(parameters)
        if len(scenarios) < 2:
            raise InputError("There are fewer than two scenarios to choose from; keep another one under What if.")
        names, plans = [each.name for each in scenarios], [each.doses for each in scenarios]
    else:
        names, plans = [""], [planned_doses(parameters)]
    request = gather_calibrate(parameters)
    live = live_inputs(parameters, plans, request)
    return NextScanRequest(
        request.measurements,
        request.given,
        request.settings,
        exposures=request.exposures,
        names=tuple(names),
        live=live,
        **asked,
    )


def _day(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        day = float(text.replace(",", "."))
    except ValueError:
        day = float("nan")
    if not isfinite(day):
        raise InputError(f"The last day of a scan is {text!r}; write a day as a number, or leave it empty.")
    return day
