"""The report of a study: one HTML file with its pictures and charts inside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from HER2ImmunoCommonLib import RESEARCH_ONLY, __version__, html
from HER2ImmunoCommonLib.measurements import LABELS
from HER2ImmunoModelLib.findings import wording

from .report_images import enhancement_chart, map_figures
from .report_model import fit_part, methods_part, ranking_part
from .report_visits import side_by_side
from .report_words import counted, doses_in_words, listed, visit_and_day, visit_name, warnings_once
from .results import StudyResult, VisitResult

MEANINGS = {
    "vascular_fraction": "Vascular: share of tumour voxels with Ktrans at or above the threshold.",
    "necrotic_fraction": "Necrotic: share without uptake of contrast agent.",
    "hypoxic_fraction": "Hypoxic: share of the tumour with a ratio at or above the threshold.",
}
ALL_NUMBERS = "All numbers are in measurements.csv."
VISITS_A_TABLE = 6


def report_page(result: StudyResult, made_on: date | None = None) -> str:
    """The whole report as HTML, dated today unless said otherwise."""
    title = f"{result.study.subject}: from images to a ranked schedule"
    return html.page(
        title,
        [
            html.element("h1", title),
            *_head(result, made_on or date.today()),
            *_answer(result),
            *_measurements(result),
            *side_by_side(result),
            *_images(result),
            *fit_part(result),
            *ranking_part(result),
            *methods_part(result),
        ],
    )


def _head(result: StudyResult, made_on: date) -> list[str]:
    visits = listed(visit_and_day(visit) for visit in result.visits)
    count = counted(len(result.visits), "visit")
    given = doses_in_words(result.given, result.plan.calibration.model)
    return [
        html.element("p", f"{made_on.day} {made_on:%B %Y}, HER2ImmunoImaging {__version__}.", kind="soft"),
        html.element("div", RESEARCH_ONLY, kind="notice"),
        html.element("p", f"{count[:1].upper()}{count[1:]}: {visits}. Given so far: {given}."),
    ]


def _answer(result: StudyResult) -> list[str]:
    kinds = "Values of schedules are means over the draws of the calibrated model; curves over time show medians."
    answer = html.element("div", wording.answer(result.plan.ranking), kind="answer")
    set_by = wording.set_by_data(result.plan.calibration)
    kinds = " ".join([*wording.which_by_data(result.plan.calibration), kinds])
    head = [answer, html.element("p", f"{set_by} {kinds}")]
    if wording.mostly_prior(result.plan.calibration):
        head = [html.element("div", set_by, kind="warning"), answer, html.element("p", kinds)]
    return [
        *head,
        *(html.element("div", text, kind="warning") for text in warnings_once(result)),
    ]


def _measurements(result: StudyResult) -> list[str]:
    visits = result.visits
    names = [name for name in LABELS if any(name in visit.measurement.values for visit in visits)]
    meaning = " ".join(text for name, text in MEANINGS.items() if name in names)
    tables = [_table(names, visits[at : at + VISITS_A_TABLE]) for at in range(0, len(visits), VISITS_A_TABLE)]
    return [
        html.element("h2", "Measurements"),
        *tables,
        html.element("p", f"{meaning} {ALL_NUMBERS}".strip(), kind="soft"),
    ]


def _table(names: list[str], visits: tuple[VisitResult, ...]) -> str:
    """Measures as rows and visits as columns, so that time runs to the right and nothing is too wide."""
    header = ["", *(visit_and_day(visit) for visit in visits)]
    rows = [
        (
            LABELS[name],
            *(
                _number(values[name]) if name in (values := visit.measurement.values) else "not measured"
                for visit in visits
            ),
        )
        for name in names
    ]
    return html.table(header, rows)


def _number(value: float) -> str:
    """Three digits, trailing zeros kept."""
    return f"{value:#.3g}".rstrip(".")


def _images(result: StudyResult) -> Iterator[str]:
    yield html.element("h2", "Images")
    for visit in result.visits:
        name = visit_and_day(visit)
        yield html.section([html.element("h3", name[:1].upper() + name[1:]), html.group(map_figures(visit))])
    curves = [
        html.chart_figure(enhancement_chart(visit.dce.result, visit_name(visit)), _curve_caption(visit))
        for visit in result.visits
        if visit.dce and visit.dce.result.roi is not None
    ]
    if curves:
        yield from (html.element("h2", "Enhancement of the tumour"), html.group(curves))


def _curve_caption(visit: VisitResult) -> str:
    found = visit.dce.result
    first, last = found.baseline[0] + 1, found.baseline[-1] + 1
    counts = found.counts
    return (
        f"Mean enhancement of the tumour and its fit. Baseline: frames {first} to {last}; arrival at "
        f"{found.arrival_s:.0f} s. Of {counts['n']} tumour voxels {counts['n_valid']} were fitted, "
        f"{counts['n_failed']} failed and {counts['n_at_bound']} are at a bound."
    )
