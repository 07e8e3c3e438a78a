"""The report of a study: one HTML file with its pictures and charts inside."""

from __future__ import annotations

import json

from HER2ImmunoCommonLib import RESEARCH_ONLY, __version__
from HER2ImmunoCommonLib.chart_spec import Chart
from HER2ImmunoCommonLib.provenance import plain
from HER2ImmunoModelLib.findings import gap_chart, ranking_chart, state_chart, wording

from . import html
from .pipeline import StudyResult, VisitResult
from .report_images import enhancement_chart, map_figures

COLUMN_LABELS = {
    "volume_cm3": "Volume (cm³)",
    "vascular_fraction": "Vascular fraction",
    "necrotic_fraction": "Necrotic fraction",
    "hypoxic_fraction": "Hypoxic fraction",
    "ktrans_median_per_min": "Ktrans, median (1/min)",
    "ve_median": "ve, median",
    "vp_median": "vp, median",
    "iaugc60_median_mM_s": "IAUGC60, median (mM s)",
    "suv_mean": "SUV mean",
    "suv_peak": "SUV peak",
    "tmr_max": "TMR max",
    "tbr_max": "TBR max",
    "hypoxic_volume_cm3": "Hypoxic volume (cm³)",
}
CHART_SIZE = (490, 290)
WIDE_CHART_SIZE = (760, 340)


def report_page(result: StudyResult) -> str:
    """The whole report as HTML."""
    title = f"{result.study.subject}: from images to a ranked schedule"
    return html.page(
        title,
        [
            html.element("h1", title),
            html.element("p", f"HER2ImmunoImaging {__version__}. {len(result.visits)} visits.", kind="soft"),
            html.element("div", RESEARCH_ONLY, kind="notice"),
            *_answer(result),
            *_measurements(result),
            *_images(result),
            *_fit(result),
            *_ranking(result),
            *_methods(result),
        ],
    )


def chart(spec: Chart, caption: str, size: tuple[int, int] = CHART_SIZE) -> str:
    """A chart as a figure; its caption alone on a machine that cannot draw."""
    from HER2ImmunoCommonLib import charts  # VTK takes longer to load than all else, and only reports draw

    if not charts.can_draw():
        return html.element("p", f"{caption} {charts.NO_OPENGL}", kind="soft")
    return html.figure(charts.to_svg(spec, size), caption)


def _answer(result: StudyResult) -> list[str]:
    parts = [html.element("div", wording.answer(result.plan.ranking), kind="answer")]
    parts += [html.element("div", text, kind="warning") for text in result.plan.warnings]
    return parts


def _measurements(result: StudyResult) -> list[str]:
    rows = result.measurements
    columns = [name for name in COLUMN_LABELS if any(name in row.values for row in rows)]
    cells = [
        (
            row.visit.replace("_", " "),
            f"{row.day:g}",
            *(_number(row.values[name]) if name in row.values else "" for name in columns),
        )
        for row in rows
    ]
    header = ["Visit", "Day", *(COLUMN_LABELS[name] for name in columns)]
    note = (
        "Vascular: share of tumour voxels with Ktrans at or above the threshold. Necrotic: share without uptake of "
        "contrast agent. Hypoxic: share of the tumour with a ratio at or above the threshold. All columns are in "
        "measurements.csv."
    )
    return [html.element("h2", "Measurements"), html.table(header, cells), html.element("p", note, kind="soft")]


def _number(value: float) -> str:
    """Three digits, trailing zeros kept."""
    return f"{value:#.3g}".rstrip(".")


def _images(result: StudyResult) -> list[str]:
    parts = [html.element("h2", "Images")]
    for visit in result.visits:
        parts.append(html.element("h3", _name(visit)))
        parts.append(html.group(map_figures(visit)))
        parts += [html.element("div", text, kind="warning") for text in dict.fromkeys(visit.warnings)]
    curves = [
        chart(enhancement_chart(visit.dce.result, _name(visit)), _curve_caption(visit))
        for visit in result.visits
        if visit.dce and visit.dce.result.roi is not None
    ]
    return [*parts, html.element("h2", "Enhancement of the tumour"), html.group(curves)] if curves else parts


def _name(visit: VisitResult) -> str:
    name, day = visit.visit.visit.replace("_", " "), f"day {visit.visit.day:g}"
    return name if name == day else f"{name}, {day}"


def _curve_caption(visit: VisitResult) -> str:
    found = visit.dce.result
    first, last = found.baseline[0] + 1, found.baseline[-1] + 1
    counts = found.counts
    return (
        f"Mean enhancement of the tumour and its fit. Baseline: frames {first} to {last}; arrival at "
        f"{found.arrival_s:.0f} s. Of {counts['n']} tumour voxels {counts['n_valid']} were fitted, "
        f"{counts['n_failed']} failed and {counts['n_at_bound']} are at a bound."
    )


def _fit(result: StudyResult) -> list[str]:
    calibration = result.plan.calibration
    figures = [
        chart(state_chart(calibration, result.plan.bands, state.name), f"{state.label}, if no more doses are given.")
        for state in sorted(calibration.model.states, key=lambda state: state.name == "I")
    ]
    header = ["Parameter", "Meaning", "Value", "90 % interval", "Unit", "Set by", "Source of the prior"]
    rows = []
    for name, estimate in calibration.estimates.items():
        parameter = calibration.model.parameter(name)
        interval = f"{estimate.lower:.3g} to {estimate.upper:.3g}"
        unit = parameter.unit.replace("cm3", "cm³")
        rows.append((name, parameter.label, f"{estimate.value:.3g}", interval, unit, estimate.set_by, parameter.source))
    return [
        html.element("h2", "Model and measurements"),
        html.element("p", f"{calibration.model.title}. {calibration.model.reference}."),
        html.element("p", wording.set_by_data(calibration)),
        html.group(figures),
        html.details("All parameters", html.table(header, rows, text_columns=(0, 1, 3, 4, 5, 6))),
    ]


def _ranking(result: StudyResult) -> list[str]:
    plan = result.plan
    settings, ranking = plan.settings, plan.ranking
    given = "; ".join(f"{dose.drug} {dose.dose:g} on day {dose.day:g}" for dose in result.given.doses) or "none"
    text = (
        f"Doses given so far: {given}. Each schedule starts on day {ranking.start_day:g}, with {settings.doses} "
        f"doses of each drug {settings.interval_day:g} days apart, each {settings.dose:g} of a full dose, and is "
        f"simulated for {settings.draws} draws of the calibrated parameters, the same for all. Regret: what is lost "
        f"on average against {ranking.standard.lower()}."
    )
    header = ["Rank", "Schedule", wording.value_header(ranking), "90 % interval", "Best in", "Regret"]
    cells = [
        (*cells, f"{row.regret:.2g}") for cells, row in zip(wording.ranking_cells(ranking), ranking.rows, strict=True)
    ]
    figures = [chart(ranking_chart(ranking), "Mean over the draws and 90 % interval.", WIDE_CHART_SIZE)]
    if plan.gap is not None:
        caption = "The same doses, with one drug started before the other; mean and 90 % band."
        figures.append(chart(gap_chart(plan.gap), caption, WIDE_CHART_SIZE))
    return [
        html.element("h2", "Schedules compared"),
        html.element("p", text),
        html.table(header, cells, best=0, text_columns=(0, 1)),
        *(html.element("div", sentence, kind="warning") for sentence in wording.excluded(ranking)),
        *figures,
    ]


def _methods(result: StudyResult) -> list[str]:
    sources = [entry.result.provenance for visit in result.visits for entry in (visit.dce, visit.pet) if entry]
    formulas = dict.fromkeys(text for source in [*sources, result.plan.provenance] for text in source.formulas)
    record = json.dumps([plain(source) for source in [*sources, result.plan.provenance]], indent=1, ensure_ascii=False)
    return [
        html.element("h2", "Methods and provenance"),
        *(html.element("p", text) for text in formulas),
        html.details("Settings, inputs and warnings of every step", html.element("pre", record)),
    ]
