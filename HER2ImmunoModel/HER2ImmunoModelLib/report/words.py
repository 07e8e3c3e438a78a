"""What the parts of a report share: words without what tells who and when, lines, cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from textwrap import wrap

from HER2ImmunoCommonLib import html
from HER2ImmunoCommonLib.chart_spec import Chart, extent
from HER2ImmunoCommonLib.privacy import shareable_text

from ..findings.request import Findings

LINE, BETWEEN, AROUND = 15, 18, 96
"""Height of a line of the name of a position of a chart, of the room between two, and above and below all of them."""
BELOW_TITLE = 0.05
"""Room above what is drawn, over the height of it."""
NAME_LETTERS = 22
"""Of a line of such a name: longer ones leave no room for what is drawn, nor for the title above it."""


def clean(text: str) -> str:
    """The text without dates, identifiers and places, in one line."""
    return shareable_text(text.replace("\n", " "))


def visit_name(visit: str, day: float) -> str:
    """A visit with its day: `baseline (day 0)`; `day 7` as it is."""
    name, said = visit.replace("_", " "), f"day {day:g}"
    return name if name.lower() == said else f"{name} ({said})"


def lines(texts: Iterable[str], kind: str = "") -> Iterator[str]:
    """A paragraph for each text, or a box of a kind."""
    for text in texts:
        if text:
            yield html.element("div" if kind else "p", clean(text), kind=kind)


def before_the_answer(findings: Findings) -> list[str]:
    """What must be read first: that nothing can be trusted as it is, on how little it rests, what failed."""
    return [*lines([findings.alarm], "alarm"), *lines([findings.basis, *findings.failed], "warning")]


def said(findings: Findings) -> list[str]:
    """All that a panel says of a piece of work, apart from its tables and charts."""
    return [
        *before_the_answer(findings),
        *lines([findings.answer], "answer"),
        *lines(findings.notes),
        *lines(findings.warnings, "warning"),
    ]


def table(header: Sequence[str], rows: Iterable[Sequence[str]], **how) -> str:
    """A table of cells as a panel shows them."""
    return html.table([clean(name) for name in header], [[clean(cell) for cell in row] for row in rows], **how)


def figures(charts: Iterable[Chart]) -> str:
    """Charts side by side where there is room, each with its caption."""
    return html.group(figure(chart) for chart in charts)


def figure(chart: Chart, size: tuple[int, int] = html.CHART_SIZE) -> str:
    """A chart with its caption, as high as its named positions need, its title clear of what is drawn."""
    names = [wrap(name, NAME_LETTERS) for name in chart.y_names]
    chart = replace(chart, y_names=tuple("\n".join(name) for name in names))
    width, height = size
    most = max(map(len, names), default=0)
    size = width, max(height, (LINE * most + BETWEEN) * len(names) + AROUND)
    if not names:
        low, high = extent(chart)[1]
        chart = replace(chart, y_range=(low, high + BELOW_TITLE * (high - low)))
    return html.chart_figure(chart, clean(chart.caption or f"{chart.title}."), size, legend_below=True)


def flat(value: object, name: str = "") -> dict[str, object]:
    """Plain settings one by one, those within others by their path; what is not given inside others is left out."""
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        # Sentences follow each other; names are a list.
        between = " " if all(entry.endswith(".") for entry in value) else ", "
        return {name: between.join(value)} if value else {}
    if isinstance(value, Mapping):
        entries = {str(key): entry for key, entry in value.items()}
    elif isinstance(value, list) and not all(isinstance(entry, (int, float)) for entry in value):
        entries = {str(number): entry for number, entry in enumerate(value, start=1)}
    else:
        return {name: value}
    found: dict[str, object] = {}
    for key, entry in entries.items():
        if name and entry in (None, ""):
            continue
        found |= flat(entry, f"{name}, {key}" if name else key)
    return found


def number(value: float) -> str:
    """Three digits, trailing zeros kept."""
    return f"{value:#.3g}".rstrip(".")
