"""The schedules compared, and what else was asked: search, forecast check, choice of model, what the data say."""

from __future__ import annotations

from collections.abc import Iterator

from HER2ImmunoCommonLib import html

from ..findings import burdens, wording
from ..findings.comparison import STANDARD, recorded_apart
from ..findings.request import Findings
from . import words
from .content import SubjectReport

TITLES = {
    "Optimum": "The best schedule searched",
    "Check": "Forecast check",
    "Choice": "Choice of model",
    "Evidence": "What the data say",
    "Prior": "What the prior says before any data",
}


ABBREVIATIONS = {
    "Check": "CCC: concordance with the measurements, 1 at best. PCC: Pearson correlation. NRMSE: root mean square "
    "error. MAPE: mean error in per cent of the measurement. The last column counts what lies within the interval.",
    "Choice": "BIC and AICc weigh how well a model fits against how many parameters it needs; the less, the better.",
}


def ranking_part(report: SubjectReport) -> Iterator[str]:
    """The schedules from the first to the last, with what they cost, and the charts of the comparison."""
    plan = report.plan
    yield html.element("h2", "Schedules compared")
    yield from words.lines([plan.basis], "warning")
    yield from words.lines([_assumed(plan)])
    header, rows = _with_rank(plan)
    best = 0 if recorded_apart(plan.provenance) and len(rows) > 1 else None
    yield words.table(header, rows, best=best, text_columns=(0, 1))
    yield from words.lines([_meaning(plan)], "soft")
    yield from _costs(plan)
    states = {state.label for state in report.model.states}
    yield words.figures(chart for chart in plan.charts if chart.title not in states)


def questions_part(report: SubjectReport) -> Iterator[str]:
    """What else was asked, each with its answer, its table and its charts."""
    for kind, title in TITLES.items():
        if (findings := report.questions.get(kind)) is not None:
            yield html.element("h2", title)
            yield from words.said(findings)
            yield from words.lines([ABBREVIATIONS.get(kind, "")], "soft")
            if not _is_told_below(kind, report):
                yield words.table(findings.header, findings.cells)
            yield from _costs(findings)
            yield from _agreement(findings)
            yield words.figures(findings.charts)


def _is_told_below(kind: str, report: SubjectReport) -> bool:
    """Whether what the data say of each parameter stands in the table of the parameters."""
    return kind == "Evidence" and report.calibration is not None


def _agreement(findings: Findings) -> Iterator[str]:
    if findings.agreement_cells:
        yield from words.lines([findings.agreement_said])
        yield words.table(findings.agreement_header, findings.agreement_cells)


def _costs(findings: Findings) -> Iterator[str]:
    if findings.cost_cells:
        yield from words.lines([burdens.SAID])
        yield words.table(findings.cost_header, findings.cost_cells)


def _with_rank(plan: Findings) -> tuple[list[str], list[list[str]]]:
    """What the panel shows of each schedule, with its rank from the whole table; with its regret, if it is not there.

    A scene of an earlier version keeps no regret with what the panel shows.
    """
    header, rows = plan.tables["ranking"][1]
    known = {}
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        known[str(cells["schedule"])] = _rank(cells["rank"]), _number(cells["regret"])
    shown = [[known.get(cells[0], ("", ""))[0], *cells] for cells in plan.cells]
    if len(plan.header) > 3:
        return ["Rank", *plan.header], shown
    shown = [[*cells, known.get(cells[1], ("", ""))[1]] for cells in shown]
    unit = plan.header[1].split("\n")[-1].removesuffix(" (90 %)")
    return ["Rank", *plan.header, f"Regret, {unit}"], shown


def _rank(value: object) -> str:
    return "" if value in ("", None) else f"{float(value):g}"


def _number(value: object) -> str:
    return "" if value in ("", None) else wording.number(float(value))


def _assumed(plan: Findings) -> str:
    """How schedules were made and judged."""
    settings = plan.provenance.settings
    start, horizon, draws = (settings.get(name) for name in ("start_day", "horizon_day", "draws"))
    if None in (start, horizon, draws):
        return ""
    given = ""
    is_made_up = settings.get("candidates") != "regimens"
    if is_made_up and settings.get("doses") is not None and settings.get("interval_day") is not None:
        given = f", with {settings['doses']} doses of each of their drugs {settings['interval_day']:g} days apart"
    return (
        f"Schedules start on day {start:g}{given}, and are judged up to day {horizon:g}, all over the same {draws} "
        "draws of the calibrated parameters."
    )


def _meaning(plan: Findings) -> str:
    against = plan.provenance.settings.get(STANDARD)
    regret = f"Regret is what is lost on average against {against}, where a schedule does worse. " if against else ""
    return f"Expected is the mean over the draws, with the interval that holds 90 % of them. {regret}".strip()
