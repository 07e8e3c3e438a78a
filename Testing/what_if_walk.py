"""The third page of the model's panel as the tutorial has it: doses planned, scenarios kept and compared."""

from __future__ import annotations

import qt
from hands import click_on, drag_on, panel_of, press_key, run, wait_for
from panel_checks import check

MODULE = "HER2ImmunoModel"


def scenarios_are_compared() -> None:
    """4.2 and 4.3: calibrated, two scenarios that differ in their order, and what is expected of each."""
    panel = panel_of(MODULE)
    panel.pages.open("calibrate")
    run(panel.calibration.runBar)
    panel.pages.open("what_if")
    before = [dose.plain for dose in panel.timeLine.view.line.doses]
    last = panel.timeLine.view.line.last_visit
    _add(panel, "Trastuzumab", last + 1)
    _add(panel, "Chemotherapy", last + 4)
    panel.scenarios.keepButton.click()
    panel.scenarios.keepButton.click()
    _drag(panel, "Trastuzumab", last + 1, last + 7)
    wait_for(lambda: not panel.live.isBusy, "the forecast of the scenarios")
    table = panel.scenarios.table
    rows = [[table.item(row, column).text() for column in range(table.columnCount)] for row in range(table.rowCount)]
    check(len(rows) == 3 and all(all(row) for row in rows), f"the table of scenarios is {rows}")
    check(rows[0][1] != rows[1][1], "the same volume is expected of both orders")
    check(bool(panel.scenarios.headline.text), "no sentence compares the scenarios")
    panel.scenarios.removeButton.click()
    check(table.rowCount == 3, "the doses of a scenario that was removed have gone")
    while planned := [dose for dose in panel.timeLine.view.line.doses if dose.plain not in before]:
        panel.timeLine.view.select(planned[0].row)
        press_key(panel.timeLine.view, qt.Qt.Key_Delete)


def _place(view, drug: str, day: float) -> tuple[float, float]:
    lane = [each.label for each in view.line.lanes].index(drug)
    return view.places.scale.x(day), view.places.lane_tops[lane] + view.places.lane_height / 2


def _add(panel, drug: str, day: float) -> None:
    view = panel.timeLine.view
    click_on(view, *_place(view, drug, day))
    added = view.line.dose(view.selected)
    check(added is not None and abs(added.day - day) <= 1.0, f"a click adds no dose of {drug} on day {day:g}")


def _drag(panel, drug: str, day: float, to: float) -> None:
    view = panel.timeLine.view
    drag_on(view, _place(view, drug, day), _place(view, drug, to))
