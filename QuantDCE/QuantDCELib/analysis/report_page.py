"""The report of one examination: a page of HTML with all its pictures inside, without what tells who and when."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from HER2ImmunoCommonLib import RESEARCH_ONLY, __version__, html
from HER2ImmunoCommonLib.chart_spec import Chart
from HER2ImmunoCommonLib.privacy import shareable, shareable_text
from HER2ImmunoCommonLib.provenance import Provenance, plain

from .statistics import ClassCount, MapStatistics, RegionStatistics, interval, number

PICTURE_WIDTH = 980
STATISTICS_HEADER = (
    "Map",
    "Median",
    "25 to 75 %",
    "Mean",
    "SD",
    "10 to 90 %",
    "5 to 95 %",
    "Voxels",
    "Without value",
    "At a bound",
)
MEANING = (
    "Numbers are of the voxels of the tumour that have a value of the map; at a bound means that the fit ended at a "
    "limit of a parameter, where one was fitted."
)


@dataclass(frozen=True, eq=False)
class ReportPicture:
    """A picture as a data URI, with its caption."""

    uri: str
    caption: str


@dataclass(frozen=True, eq=False)
class ExaminationReport:
    """What a report tells of one examination.

    Attributes
    ----------
    visit : str
    day : float
    provenance : Provenance
        Of the results.
    rows : tuple of (measure, value with unit, note)
    doubts, warnings : tuple of str
    images : tuple of str
        Sentences on what was understood of the images.
    tumour : tuple of str
        Sentences on volume and size.
    method : str
        Model, input and T1 in one sentence.
    statistics : RegionStatistics
    titles : dict of str to str
        Names of the maps with their units, as a person knows them.
    charts : tuple of Chart
    pictures : tuple of ReportPicture
    versions : dict of str to str
        Of programs beside those that the page knows.
    """

    visit: str
    day: float
    provenance: Provenance
    rows: tuple[tuple[str, str, str], ...] = ()
    doubts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    tumour: tuple[str, ...] = ()
    method: str = ""
    statistics: RegionStatistics = field(default_factory=RegionStatistics)
    titles: Mapping[str, str] = field(default_factory=dict)
    charts: tuple[Chart, ...] = ()
    pictures: tuple[ReportPicture, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


def report_page(report: ExaminationReport, made_on: date | None = None) -> str:
    """The whole report as HTML, dated today unless said otherwise."""
    title = _clean(f"Quant DCE: {report.visit}, day {report.day:g}")
    return html.page(
        title,
        [
            html.element("h1", title),
            *_head(report, made_on or date.today()),
            *_findings(report),
            *_pictures(report),
            *_curves(report),
            *_statistics(report),
            *_methods(report),
        ],
    )


def _clean(text: str) -> str:
    return shareable_text(text)


def _paragraphs(texts: tuple[str, ...], kind: str = "") -> list[str]:
    return [html.element("p" if not kind else "div", _clean(text), kind=kind) for text in texts if text]


def _head(report: ExaminationReport, made_on: date) -> list[str]:
    others = tuple(text for text in report.warnings if text not in report.doubts)
    return [
        html.element("p", f"{made_on.day} {made_on:%B %Y}, HER2ImmunoImaging {__version__}.", kind="soft"),
        html.element("div", RESEARCH_ONLY, kind="notice"),
        *_paragraphs(report.doubts, "warning"),
        *_paragraphs(others, "warning"),
        html.element("h2", "Examination"),
        *_paragraphs(report.images),
        html.element("h2", "Tumour"),
        *_paragraphs((*report.tumour, report.method)),
    ]


def _findings(report: ExaminationReport) -> list[str]:
    rows = [tuple(map(_clean, row)) for row in report.rows]
    return [html.element("h2", "Measurements"), html.table(("Measure", "Value", "Note"), rows, text_columns=(0, 1, 2))]


def _pictures(report: ExaminationReport) -> Iterator[str]:
    if not report.pictures:
        return
    captions = [_clean(picture.caption) for picture in report.pictures]
    figures = [
        html.figure(html.image(picture.uri, caption, PICTURE_WIDTH), caption, PICTURE_WIDTH)
        for picture, caption in zip(report.pictures, captions, strict=True)
    ]
    yield html.section([html.element("h2", "Pictures"), figures[0]])
    yield from figures[1:]


def _curves(report: ExaminationReport) -> Iterator[str]:
    if report.charts:
        figures = html.group(html.chart_figure(chart, f"{chart.title}.") for chart in report.charts)
        yield html.section([html.element("h2", "Curves"), figures])


def _statistics(report: ExaminationReport) -> Iterator[str]:
    found = report.statistics
    if not found.maps and not found.classes:
        return
    yield html.element("h2", "Maps over the tumour")
    if found.maps:
        yield html.table(STATISTICS_HEADER, [_line(report, each) for each in found.maps])
        yield html.element("p", MEANING, kind="soft")
        yield from (html.element("p", text, kind="soft") for text in _reasons(report))
    counted = [entry for entry in found.classes if entry.n]
    if counted:
        header = ("Map", "Class", "Voxels", "Volume (cm³)")
        yield html.table(header, [_class_line(report, entry) for entry in counted], text_columns=(0, 1))


def _line(report: ExaminationReport, found: MapStatistics) -> tuple[str, ...]:
    values = found.values
    return (
        report.titles.get(found.name, found.name),
        number(values.median),
        interval(values.p25, values.p75),
        number(values.mean),
        number(values.sd),
        interval(values.p10, values.p90),
        interval(values.p5, values.p95),
        f"{values.n}",
        f"{found.n_failed}",
        "–" if found.n_at_bound is None else f"{found.n_at_bound}",
    )


def _reasons(report: ExaminationReport) -> list[str]:
    """Why voxels have no value: one sentence for all maps that lack the same voxels."""
    alike: dict[str, list[str]] = {}
    for each in report.statistics.maps:
        if each.failures:
            why = ", ".join(f"{words} {count}" for words, count in each.failures.items())
            alike.setdefault(why, []).append(report.titles.get(each.name, each.name))
    everywhere = len(report.statistics.maps)
    return [
        f"Voxels without value in {'every map' if len(names) == everywhere else ', '.join(names)}: {why}."
        for why, names in alike.items()
    ]


def _class_line(report: ExaminationReport, entry: ClassCount) -> tuple[str, ...]:
    share = entry.n / entry.n_region
    return report.titles.get(entry.name, entry.name), entry.label, f"{entry.n} ({share:.1%})", f"{entry.volume_cm3:.3g}"


def _methods(report: ExaminationReport) -> Iterator[str]:
    record = report.provenance
    yield html.element("h2", "Methods")
    yield from (html.element("p", _clean(text)) for text in record.formulas)
    yield html.details("Every setting", html.pairs(shareable(plain(record.settings)), "Setting"))
    yield html.details("Inputs", html.pairs(shareable(plain(record.inputs)), "Input"))
    versions = {"HER2ImmunoImaging (report)": __version__, "HER2ImmunoImaging (results)": record.version}
    versions |= {"Python": platform.python_version(), "numpy": np.__version__, **report.versions}
    yield html.details("Versions", html.pairs(versions, "Program"))
