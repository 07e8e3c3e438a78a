"""Regimens and units in the panel of the tumour model: the table is filled, edited, refused and photographed."""

import pytest
from layout_check import faults, settle, show_at

DRUG, DAY, DOSE, UNIT = range(4)
WIDTHS = (400, 480)


@pytest.fixture
def panel(load_module, scene):
    return load_module("HER2ImmunoModel").panel


def choose(panel, regimen, start=""):
    panel.regimens.section.collapsed = False
    panel.regimens.regimen.choose(regimen)
    panel.regimens.start.write(start)


def fill(panel, regimen, start="", adding=False):
    choose(panel, regimen, start)
    (panel.regimens.addButton if adding else panel.regimens.replaceButton).click()


def rows(panel):
    """What is shown of each dose: drug, day, dose, unit."""
    table = panel.treatments.table

    def shown(row, column):
        combo = table.cellWidget(row, column)
        return combo.currentText if combo is not None else table.item(row, column).text()

    return [[shown(row, column) for column in range(table.columnCount)] for row in range(table.rowCount)]


def pick(panel, row, column, text):
    """Choose in a cell by its text."""
    combo = panel.treatments.table.cellWidget(row, column)
    combo.currentIndex = [combo.itemText(n) for n in range(combo.count)].index(text)


def cells(panel):
    """The treatment table as it is kept."""
    from HER2ImmunoCommonLib.scene import read_cells

    return read_cells(panel.parameters.treatments)


def test_the_regimens_are_those_of_the_species(panel):
    box = panel.regimens.regimen
    human = [box.itemText(n) for n in range(box.count)]
    assert human[0] == "none"
    assert "tchp: Docetaxel, carboplatin, trastuzumab and pertuzumab, 6 cycles" in human
    panel.species.choose("mouse")
    mouse = [box.itemText(n) for n in range(box.count)]
    assert not set(mouse[1:]) & set(human)
    assert len(mouse) > 3


def test_a_regimen_is_described_with_its_source_before_it_is_filled(panel):
    choose(panel, "ddac_thp")
    assert panel.parameters.treatments is None
    shown = [panel.regimens.doses.item(row, 0).text() for row in range(panel.regimens.doses.rowCount)]
    assert "Trastuzumab 6 mg/kg, first 8 mg/kg" in shown
    assert panel.regimens.source.text == "Source: paper: IMpassion050, backbone; DESTINY-Breast11, control"
    assert panel.regimens.note.text == "Growth factor is given with each cycle."


def test_filling_an_empty_table(panel):
    fill(panel, "neosphere_thp", "14")
    assert panel.regimens.status.text == "✓ 12 doses of neosphere_thp on days 14 to 77 were put into the table."
    assert rows(panel)[:3] == [
        ["Pertuzumab", "14", "840", "mg"],
        ["Trastuzumab", "14", "8", "mg/kg"],
        ["Docetaxel", "14", "75", "mg/m2"],
    ]
    assert panel.treatments.rowSaid.text == "Row 1: 840 mg"
    panel.treatments.table.setCurrentCell(1, DOSE)
    assert panel.treatments.rowSaid.text == "Row 2: 8 mg/kg x 68 kg (assumed) = 544 mg"
    assert panel.treatments.table.item(2, DOSE).toolTip() == "75 mg/m2 x 1.8 m2 (assumed) = 135 mg"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_filled_regimen_is_photographed(panel, photograph, width):
    parent = show_at(panel, width)
    choose(panel, "tchp", "0")
    settle(parent)
    assert faults(parent) == []
    photograph(panel.widget, f"regimen-chosen-{width}", width)
    fill(panel, "tchp", "0")
    panel.treatments.dayZero.write("2026-03-30")
    panel.limits.calendarSection.collapsed = False
    panel.limits.limitSection.collapsed = False
    settle(parent)
    assert faults(parent) == []
    photograph(panel.widget, f"regimen-filled-{width}", width)
