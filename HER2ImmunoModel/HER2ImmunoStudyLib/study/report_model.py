"""What the report of a study says of the model: its fit, the schedules compared, the methods."""

from __future__ import annotations

from HER2ImmunoCommonLib import html
from HER2ImmunoModelLib.findings import gap_chart, ranking_chart, state_chart, wording

from .report_words import counted
from .results import StudyResult

WIDE_CHART_SIZE = (760, 340)


def fit_part(result: StudyResult) -> list[str]:
    """The model against the measurements, and all its parameters."""
    calibration = result.plan.calibration
    figures = [
        html.chart_figure(
            state_chart(calibration, result.plan.bands, state.name),
            f"{state.label} if no more doses are given, median and 90 % band.",
        )
        for state in sorted(calibration.model.states, key=lambda state: state.name == "I")
    ]
    header = ["Parameter", "Value (90 % interval)", "Unit", "Set by", "Source of the prior"]
    rows = []
    for name, estimate in calibration.estimates.items():
        parameter = calibration.model.parameter(name)
        value = f"{estimate.value:.3g} ({estimate.lower:.3g} to {estimate.upper:.3g})"
        rows.append((parameter.label, value, wording.unit_in_words(parameter.unit), estimate.set_by, parameter.source))
    return [
        html.element("h2", "Model and measurements"),
        html.element("p", f"{calibration.model.title}. {calibration.model.reference}."),
        html.group(figures),
        html.details("All parameters", html.table(header, rows, text_columns=(0, 1, 2, 3, 4))),
    ]


def ranking_part(result: StudyResult) -> list[str]:
    """The schedules compared: what was assumed, the table, the charts."""
    plan = result.plan
    ranking = plan.ranking
    header = ["Rank", "Schedule", f"Mean, {_unit(result)} (90 % interval)", "Best in", "Regret"]
    cells = [
        (f"{row.rank}", *cells, f"{row.regret:.2g}")
        for cells, row in zip(wording.ranking_cells(ranking), ranking.rows, strict=True)
    ]
    figures = [html.chart_figure(ranking_chart(ranking), "Mean over the draws and 90 % interval.", WIDE_CHART_SIZE)]
    if plan.gap is not None:
        caption = "The same doses, with one drug started before the other; mean and 90 % band."
        figures.append(html.chart_figure(gap_chart(plan.gap), caption, WIDE_CHART_SIZE))
    return [
        html.element("h2", "Schedules compared"),
        html.element("p", _assumed(result)),
        html.table(header, cells, best=0 if wording.tells_apart(ranking) else None, text_columns=(0, 1)),
        *(html.element("div", sentence, kind="warning") for sentence in wording.excluded(ranking)),
        *(html.element("div", sentence, kind="warning") for sentence in wording.gaps_that_break(plan.gap)),
        *figures,
    ]


def _unit(result: StudyResult) -> str:
    unit = result.plan.ranking.objective.unit
    return {"cm3": "cm³", "day": "days", "": "share of draws"}.get(unit, unit)


def _assumed(result: StudyResult) -> str:
    settings, ranking = result.plan.settings, result.plan.ranking
    dose = "a full dose" if settings.dose == 1 else f"{settings.dose:g} of a full dose"
    return (
        f"Each schedule starts on day {ranking.start_day:g}, with "
        f"{counted(settings.doses, 'dose')} of each of its drugs {settings.interval_day:g} days apart, each {dose}. "
        f"All are judged on day {ranking.horizon_day:g} over the same {settings.draws} draws of the calibrated "
        f"parameters. Regret is what is lost on average against {wording.lower_first(ranking.standard)}."
    )


def methods_part(result: StudyResult) -> list[str]:
    """Formulas with their sources, and where the settings are recorded."""
    sources = [entry.result.provenance for visit in result.visits for entry in (visit.dce, visit.pet) if entry]
    formulas = dict.fromkeys(text for source in [*sources, result.plan.provenance] for text in source.formulas)
    record = (
        "Every map and table has its record beside it, in a file of the same name that ends in .json: the settings, "
        "the inputs, the version and the warnings that made it."
    )
    return [html.element("h2", "Methods"), *(html.element("p", text) for text in formulas), html.element("p", record)]
