"""The visits of the scene in the panel: found by date, named and dated there, doubts in words."""

import slicer
from HER2ImmunoCommonLib.examination import Examination
from model_steps import fill
from scene_visits import DATES, PATIENT, add_image, add_three, add_visit, lines, look


def write(panel, row, column, text):
    """Write a cell as a person does."""
    panel.visitList.table.item(row, column).setText(text)
    look()


def test_a_scene_without_images_says_where_they_come_from(panel):
    assert "Load them with the module DICOM" in panel.visitList.empty.text
    assert not panel.visitList.empty.isHidden()
    assert panel.ui.alignSection.isHidden()
    assert panel.ui.compareSection.isHidden()


def test_visits_stand_by_date_with_what_each_has_and_doses_between(panel, scene):
    add_three(scene, maps=True)
    add_image(scene, "FMISO", Examination("9", patient=PATIENT, date=DATES[1]), unit="Bq/mL")
    fill(panel, "tchp")
    look()
    shown = lines(panel)
    assert shown[0] == ["baseline", "0", "2026-03-02", "dynamic, tumour, 1 map", "reference"]
    assert shown[1][:3] == ["doses", "0", ""]
    assert "docetaxel, " in shown[1][3]
    assert "trastuzumab" in panel.visitList.table.item(1, 3).toolTip()
    assert [row[:4] for row in shown[2:4]] == [
        ["day_7", "7", "2026-03-09", "dynamic, PET, tumour, 1 map"],
        ["day_21", "21", "2026-03-23", "dynamic, tumour, 1 map"],
    ]
    assert shown[2][4] == "not aligned"
    assert not panel.ui.alignSection.isHidden()


def test_doses_have_dates_where_day_zero_has_one(panel, scene):
    add_three(scene)
    fill(panel, "tchp")
    panel.parameters.dayZero = DATES[0]
    look()
    doses = [row for row in lines(panel) if row[0] == "doses"]
    assert doses[0][:3] == ["doses", "0", DATES[0]]
    assert doses[1][1:3] == ["21 to 105", ""]
    assert "×5" in doses[1][3]


def test_a_name_and_a_day_are_written_into_the_cells(panel, scene):
    add_three(scene)
    write(panel, 1, 0, "C2")
    assert [row[0] for row in lines(panel)] == ["baseline", "C2", "day_21"]
    write(panel, 1, 0, "baseline")
    assert "Another visit is called baseline" in panel.visitList.refusal.text
    assert lines(panel)[1][0] == "C2"
    write(panel, 1, 1, "soon")
    assert "no number" in panel.visitList.refusal.text
    write(panel, 1, 1, "9")
    assert lines(panel)[1][:2] == ["⚠ C2", "9"]
    assert panel.visitList.refusal.isHidden()
    assert "does not fit its date" in panel.visitList.doubts.text


def test_day_zero_is_that_of_the_visits_and_of_the_treatments(panel, scene):
    add_three(scene)
    panel.visitList.table.setCurrentCell(1, 0)
    panel.visitList.dayZeroButton.click()
    look()
    assert panel.parameters.dayZero == DATES[1]
    assert [row[1] for row in lines(panel)] == ["-7", "0", "14"]


def test_two_visits_on_one_day_and_one_without_mr_are_named(panel, scene):
    add_visit(scene, "V1", study="1")
    add_visit(scene, "V1 again", study="2")
    add_image(scene, "FMISO", Examination("9", patient=PATIENT, date=DATES[1]), unit="Bq/mL")
    look()
    said = panel.visitList.doubts.text
    assert "is on the same day; give them days or names that tell them apart." in said
    assert "There is no MR of this visit." in said
    assert [row[0][:1] for row in lines(panel)] == ["⚠"] * 3


def test_another_visit_becomes_the_reference(panel, scene):
    add_three(scene)
    panel.visitList.table.setCurrentCell(2, 0)
    panel.visitList.referenceButton.click()
    look()
    assert [row[4] for row in lines(panel)] == ["not aligned", "not aligned", "reference"]
    assert not panel.visitList.referenceButton.enabled
    panel.alignment.reference.choose(panel.alignment.reference.itemData(0))
    look()
    assert lines(panel)[0][4] == "reference"


def test_a_visit_that_is_deleted_goes(panel, scene):
    made = add_three(scene)
    panel.visitList.table.setCurrentCell(2, 0)
    for node in (made[2].dynamic, made[2].regions):
        scene.RemoveNode(node)
    look()
    assert [row[0] for row in lines(panel)] == ["baseline", "day_7"]
    assert panel.sceneVisits.current.name == "day_7"
    slicer.mrmlScene.Clear()
    look()
    assert lines(panel) == []
