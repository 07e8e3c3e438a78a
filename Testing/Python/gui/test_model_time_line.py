"""The time line of the tumour model's panel, edited by mouse and keys: it writes the table, and follows it."""

from datetime import date, timedelta

import pytest
import slicer
from layout_check import settle
from model_steps import fill
from time_line_steps import (
    at_dose,
    cells,
    click,
    days,
    drag,
    drugs_offered,
    hold,
    hold_key,
    in_lane,
    let_go,
    menu_at,
    press,
    turn,
    visits,
    wait_for_writing,
)

DAY, DOSE = 1, 2

pytestmark = pytest.mark.usefixtures("as_in_the_application")


def column(panel, name):
    header, lines = cells(panel)
    return [line[header.index(name)] for line in lines]


class Counted:
    """How often a table node tells of a change."""

    def __init__(self, node):
        self.count = 0
        node.AddObserver("ModifiedEvent", lambda *_: self._add())

    def _add(self):
        self.count += 1


def test_it_stands_at_the_top_and_shows_the_table(panel, view):
    assert panel.timeLine.geometry.bottom() < panel.form.geometry.top()
    assert [lane.label for lane in view.line.lanes] == ["Pertuzumab", "Trastuzumab", "Docetaxel", "Carboplatin"]
    assert days(view, "Docetaxel") == [0, 21, 42, 63, 84, 105]
    assert not view.line.is_given(0.0)
    visits(panel, (0.0, 42.0))
    assert [view.line.is_given(day) for day in (42.0, 63.0)] == [True, False]
    assert [visit.name for visit in view.line.visits] == ["day 0", "day 42"]


def test_a_click_on_an_empty_place_adds_a_dose(panel, view):
    before = cells(panel)[1]
    told = Counted(panel.parameters.treatments)
    click(view, in_lane(view, "Docetaxel", 126))
    header, lines = cells(panel)
    assert lines[:-1] == before, "other rows change"
    assert dict(zip(header, lines[-1], strict=True)) == {
        "drug": "docetaxel",
        "day": "126.0",
        "dose": "75.0",
        "unit": "mg/m2",
    }
    assert view.line.dose(view.selected).day == 126
    assert panel.timeLine.said.text.startswith("Docetaxel, day 126: 75 mg/m2, planned\n75 mg/m2 x 1.8 m2 (assumed)")
    assert told.count == 1


def test_a_click_makes_a_table_where_there_is_none(panel):
    view = panel.timeLine.view
    click(view, in_lane(view, "Trastuzumab", 7))
    assert cells(panel) == (["drug", "day", "dose"], [["trastuzumab", "7.0", "1.0"]])
    assert panel.treatments.table.rowCount == 1


def test_a_click_on_a_dose_selects_it_and_adds_none(panel, view):
    before = cells(panel)
    click(view, at_dose(view, "Carboplatin", 42))
    assert cells(panel) == before
    assert view.line.dose(view.selected).drug == "carboplatin"
    assert panel.timeLine.said.text.startswith("Carboplatin, day 42: AUC 6, planned")


def test_a_dose_is_dragged(panel, view):
    before = cells(panel)[1]
    drag(view, at_dose(view, "Docetaxel", 105), in_lane(view, "Docetaxel", 112))
    after = cells(panel)[1]
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 1
    old, new = changed[0]
    assert (old[0], float(old[DAY])) == ("docetaxel", 105.0)
    assert float(new[DAY]) == pytest.approx(112.0, abs=1.0)
    assert float(new[DAY]).is_integer()
    assert old[DOSE:] == new[DOSE:]


def test_nothing_is_written_while_a_dose_is_dragged_and_escape_lets_go(panel, view):
    told, before = Counted(panel.parameters.treatments), cells(panel)
    stop = in_lane(view, "Docetaxel", 112)
    hold(view, at_dose(view, "Docetaxel", 105), stop)
    assert told.count == 0
    with_ghost = view.grab().toImage()
    press(view, "Key_Escape")
    assert view.grab().toImage() != with_ghost
    let_go(view, stop)
    assert told.count == 0
    assert cells(panel) == before


def test_a_dose_cannot_be_dragged_onto_another(panel, view):
    before = cells(panel)
    drag(view, at_dose(view, "Docetaxel", 84), at_dose(view, "Docetaxel", 105))
    assert cells(panel) == before
    assert panel.timeLine.said.look == "warning"
    assert "Docetaxel has a dose on day 105 already" in panel.timeLine.said.text


def test_doses_fall_on_weekdays_where_only_those_are_allowed(panel, view):
    panel.parameters.weekdaysOnly = True
    panel.treatments.dayZero.write("2026-03-30")  # a Monday
    click(view, at_dose(view, "Docetaxel", 105))
    for _step in range(4):
        press(view, "Key_Right")
    assert days(view, "Docetaxel")[-1] == 109  # Friday
    press(view, "Key_Right")
    assert days(view, "Docetaxel")[-1] == 112
    drag(view, at_dose(view, "Docetaxel", 112), in_lane(view, "Docetaxel", 117.4))
    when = date(2026, 3, 30) + timedelta(days=days(view, "Docetaxel")[-1])
    assert when.weekday() < 5


def test_keys_move_change_and_delete_the_selected_dose(panel, view):
    click(view, at_dose(view, "Docetaxel", 105))
    press(view, "Key_Left")
    assert days(view, "Docetaxel")[-1] == 104
    press(view, "Key_Right")
    press(view, "Key_Right")
    assert days(view, "Docetaxel")[-1] == 106
    press(view, "Key_Down")
    assert view.line.dose(view.selected).said == "70 mg/m2"
    press(view, "Key_Up")
    press(view, "Key_Up")
    assert view.line.dose(view.selected).said == "80 mg/m2"
    assert column(panel, "unit").count("mg/m2") == 6
    press(view, "Key_Delete")
    assert days(view, "Docetaxel") == [0, 21, 42, 63, 84]
    assert view.selected is None


def test_everything_can_be_done_by_keys(panel, view):
    view.setFocus()
    press(view, "Key_Right")
    assert (view.line.dose(view.selected).drug, view.line.dose(view.selected).day) == ("pertuzumab", 0)
    assert len(cells(panel)[1]) == 24, "the first key selects, it moves nothing"
    for key in ("Key_Down", "Key_Down", "Key_Right", "Key_Right"):
        press(view, key, shift=True)
    assert (view.line.dose(view.selected).drug, view.line.dose(view.selected).day) == ("docetaxel", 42)
    for key in ("Key_Down", "Key_Down", "Key_Left"):
        press(view, key, shift=True)
    assert (view.line.dose(view.selected).drug, view.line.dose(view.selected).day) == ("carboplatin", 21)
    press(view, "Key_Insert")
    assert "Carboplatin has a dose on day 42 already" in panel.timeLine.said.text
    for _step in range(4):
        press(view, "Key_Right", shift=True)
    press(view, "Key_Insert")
    assert days(view, "Carboplatin")[-1] == 126
    assert view.line.dose(view.selected).day == 126
    press(view, "Key_Escape")
    assert view.selected is None


def test_a_key_that_is_held_writes_the_table_once(panel, view):
    click(view, at_dose(view, "Docetaxel", 105))
    told = Counted(panel.parameters.treatments)
    hold_key(view, "Key_Right", 12)
    assert days(view, "Docetaxel")[-1] == 117
    assert told.count == 0
    wait_for_writing(panel.timeLine)
    assert told.count == 1
    assert "117.0" in column(panel, "day")
    assert view.line.dose(view.selected).day == 117
    hold_key(view, "Key_Right", 2)
    press(view, "Key_Down")
    assert view.line.dose(view.selected).said == "70 mg/m2"
    assert "119.0" in column(panel, "day"), "what was gathered is not written before the next change"
    hold_key(view, "Key_Right", 2)
    panel.treatments.removeButton.click()
    wait_for_writing(panel.timeLine)
    assert len(cells(panel)[1]) == 23


def test_the_wheel_changes_a_dose_only_with_the_focus(panel, view):
    panel.timeLine.copyButton.setFocus()
    place = at_dose(view, "Docetaxel", 105)
    assert not turn(view, place, -1), "the panel cannot be scrolled"
    assert "70.0" not in column(panel, "dose")
    click(view, in_lane(view, "Pertuzumab", 126))
    place = at_dose(view, "Docetaxel", 105)
    assert turn(view, place, -1)
    wait_for_writing(panel.timeLine)
    assert "70.0" in column(panel, "dose")
    assert not turn(view, in_lane(view, "Docetaxel", 95), -1)


def test_ctrl_and_the_wheel_show_fewer_days(view):
    whole = view.places.scale
    place = in_lane(view, "Docetaxel", 63)
    assert turn(view, place, 3, ctrl=True)
    near = view.places.scale
    assert near.last - near.first < whole.last - whole.first
    assert abs(near.x(63.0) - place.x()) < 3
    assert turn(view, place, -30, ctrl=True)
    assert view.places.scale == whole


def test_the_menu_deletes_edits_and_copies(panel, view):
    section = panel.timeLine
    entries = menu_at(section, at_dose(view, "Docetaxel", 105))
    assert list(entries) == [
        "Edit size …",
        "Delete",
        "Copy the last cycle of Docetaxel",
        "Copy the last cycle of all drugs",
    ]
    entries["Copy the last cycle of Docetaxel"].trigger()
    assert days(view, "Docetaxel")[-1] == 126
    assert days(view, "Carboplatin")[-1] == 105
    menu_at(section, at_dose(view, "Docetaxel", 126))["Delete"].trigger()
    assert days(view, "Docetaxel")[-1] == 105
    menu_at(section, in_lane(view, "Docetaxel", 115))["Add a dose here"].trigger()
    assert days(view, "Docetaxel")[-1] == pytest.approx(115, abs=1)


def test_the_last_cycle_of_all_drugs_is_copied_by_the_button(panel, view):
    panel.timeLine.copyButton.click()
    assert {drug: days(view, drug)[-1] for drug in ("Pertuzumab", "Trastuzumab", "Docetaxel", "Carboplatin")} == {
        "Pertuzumab": 126,
        "Trastuzumab": 126,
        "Docetaxel": 126,
        "Carboplatin": 126,
    }
    assert len(cells(panel)[1]) == 28


def test_a_size_is_written_in_a_field(panel, view):
    from PySide6.QtTest import QTest

    click(view, at_dose(view, "Docetaxel", 105))
    press(view, "Key_F2")
    field = view.sizeField
    assert not field.isHidden()
    assert (field.text, field.toolTip) == ("75", "Size in mg/m2; Enter keeps it, Escape does not")
    QTest.keyClicks(field, "60")
    press(field, "Key_Return")
    assert field.isHidden()
    assert view.line.dose(view.selected).said == "60 mg/m2"
    press(view, "Key_F2")
    QTest.keyClicks(field, "5")
    press(field, "Key_Escape")
    assert field.isHidden()
    assert view.line.dose(view.selected).said == "60 mg/m2"
    view.editSize(view.selected)
    field.write("much")
    assert "'much' is no size of a dose" in panel.timeLine.said.text
    assert view.line.dose(view.selected).said == "60 mg/m2"


def test_a_drug_gets_a_lane_and_a_lane_stays_when_it_is_emptied(panel, view):
    section = panel.timeLine
    offered = drugs_offered(section)
    assert "Docetaxel" not in offered
    offered["Paclitaxel"].trigger()
    assert [lane.label for lane in view.line.lanes][-1] == "Paclitaxel"
    click(view, in_lane(view, "Paclitaxel", 0))
    assert cells(panel)[1][-1] == ["paclitaxel", "0.0", "80.0", "mg/m2"]
    press(view, "Key_Delete")
    assert days(view, "Paclitaxel") == []
    assert [lane.label for lane in view.line.lanes][-1] == "Paclitaxel"
    panel.modelForm.species.choose("mouse")
    fill(panel, "mouse_seq")
    assert "Paclitaxel" not in [lane.label for lane in view.line.lanes if not lane.doses]


def test_other_columns_and_rows_stay_as_they_are(panel):
    from HER2ImmunoCommonLib.scene import write_cells

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Given")
    header = ["note", "Drug", "Day", "dose_mg", "batch"]
    lines = [["b", "Pertuzumab", "21", "420", "x1"], ["", "", "", "", ""], ["a", "pertuzumab", "0", "840", "x2"]]
    write_cells(header, lines, node)
    panel.parameters.treatments = node
    view = panel.timeLine.view
    settle(panel.widget.parent)
    click(view, at_dose(view, "Pertuzumab", 21))
    press(view, "Key_Right")
    assert cells(panel) == (header, [["b", "Pertuzumab", "22.0", "420", "x1"], *lines[1:]])
    press(view, "Key_Down")
    assert cells(panel)[1][0] == ["b", "Pertuzumab", "22.0", "400.0", "x1"]
    click(view, in_lane(view, "Pertuzumab", 10))
    assert cells(panel)[0] == header
    assert cells(panel)[1][-1][1:4] == ["pertuzumab", "10.0", "420.0"]
    panel.timeLine.addLane("docetaxel")
    settle(panel.widget.parent)
    before = cells(panel)
    click(view, in_lane(view, "Docetaxel", 0))
    assert cells(panel) == before
    assert "The column of doses is in mg for every row" in panel.timeLine.said.text


def test_it_follows_the_table(panel, view):
    panel.treatments.setCell(2, DAY, "3")
    assert days(view, "Docetaxel")[0] == 3
    panel.treatments.table.setCurrentCell(2, DAY)
    panel.treatments.removeButton.click()
    assert days(view, "Docetaxel")[0] == 21
    click(view, at_dose(view, "Docetaxel", 21))
    fill(panel, "neosphere_th")
    assert [lane.label for lane in view.line.lanes] == ["Trastuzumab", "Docetaxel"]
    assert view.selected is None
    panel.parameters.treatments = None
    assert view.line.doses == ()


def test_a_wrong_table_is_said_and_nothing_can_be_changed(panel, view):
    panel.treatments.setCell(2, DAY, "soon")
    assert panel.timeLine.said.look == "error"
    assert panel.timeLine.said.text.startswith("✗ No doses are shown:")
    assert view.line.lanes == ()
    assert not panel.timeLine.copyButton.enabled
    panel.treatments.setCell(2, DAY, "0")
    assert panel.timeLine.said.look == "plain"
