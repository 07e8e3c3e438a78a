"""Courses of treatment that were tried out, side by side: one chart and one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

from HER2ImmunoCommonLib import html
from HER2ImmunoCommonLib.chart_spec import Band, Chart, Item, Line

from ..findings import wording
from ..findings.tables import Table
from . import words
from .content import ReportedScenario, SubjectReport

SAID = (
    "Tried out by hand, not searched for. All are followed over the same draws of the calibrated parameters, so that "
    "they differ by their doses alone."
)
DRAWN = (
    "Thick lines: median of the posterior draws; shaded: the half of them in the middle; dashed: the ends of the 90 % "
    "interval."
)
SIZE = (600, 340)
"""Of its chart, which has more to tell apart than others."""
NO_DOSE, NOT_ASKED = "no dose", "–"


def scenarios_part(report: SubjectReport) -> Iterator[str]:
    """The scenarios side by side; nothing where none was tried."""
    if not report.scenarios:
        return
    heading = html.element("h2", "What if: scenarios side by side")
    yield html.section(
        [heading, *words.lines([SAID, report.said_of_scenarios]), words.figure(scenario_chart(report.scenarios), SIZE)]
    )
    levels = tuple(dict.fromkeys(each.level_cm3 for each in report.scenarios if each.level_cm3 is not None))
    rows = [_row(each, bool(levels)) for each in report.scenarios]
    yield words.table(_header(report.scenarios, levels), rows, text_columns=(0, 1))


def scenario_chart(scenarios: Sequence[ReportedScenario]) -> Chart:
    """The volume under every scenario, each in its colour."""
    items = [item for each in scenarios for item in _drawn(each)]
    caption = f"Tumour volume (cm³) by day under each scenario. {DRAWN}"
    return Chart("Volume under the scenarios", "Day", "Volume (cm³)", tuple(items), caption=caption)


def _drawn(each: ReportedScenario) -> Iterator[Item]:
    """Only the inner band is filled: five outer ones over each other would be mud."""
    found = each.volume
    yield Band(each.day, found.lower_50, found.upper_50, "", each.colour)
    for end in (found.lower_90, found.upper_90):
        yield Line(each.day, end, "", each.colour, width=1.0, dashed=True)
    yield Line(each.day, found.median, each.name, each.colour, width=2.5)


def scenario_table(scenarios: Sequence[ReportedScenario]) -> Table:
    """One row a scenario and day: every quantile of the volume in cm3."""
    names = [entry.name for entry in fields(scenarios[0].volume)]
    rows = [
        [each.name, float(day), *map(float, values)]
        for each in scenarios
        for day, *values in zip(each.day, *(getattr(each.volume, name) for name in names), strict=True)
    ]
    return ["scenario", "day", *(f"volume_cm3_{name}" for name in names)], rows


def _header(scenarios: Sequence[ReportedScenario], levels: Sequence[float]) -> tuple[str, ...]:
    below = " or ".join(f"{level:g}" for level in levels)
    chance = [f"Chance of less than {below} cm³ then"] if levels else []
    days = " or ".join(f"{day:g}" for day in dict.fromkeys(float(each.day[-1]) for each in scenarios))
    more = ["Best in", "Chemotherapy that reaches it"] if any(each.best_in for each in scenarios) else []
    return ("Scenario", "Planned doses", f"Volume on day {days}, cm³ (90\u00a0%)", *more, *chance)


def _row(scenario: ReportedScenario, has_level: bool) -> tuple[str, ...]:
    ends = {name: wording.volume(value) for name, value in scenario.at_horizon.items()}
    value = f"{ends['median']} ({ends['lower_90']} to {ends['upper_90']})"
    chance = NOT_ASKED if scenario.chance_below is None else wording.percent(scenario.chance_below)
    more = [scenario.best_in, scenario.reached] if scenario.best_in else []
    return (scenario.name, "; ".join(scenario.doses) or NO_DOSE, value, *more, *([chance] if has_level else []))
