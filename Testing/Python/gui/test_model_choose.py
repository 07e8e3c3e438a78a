"""Regimens of the library compared in the panel: ticked, ranked, explained, kept; by species and within limits."""

import pytest
from model_steps import shown

WIDTHS = (420, 450)


@pytest.fixture
def chosen(panel, patient, load_table):
    """The panel as a new scene has it, with both tables of a virtual patient and few draws."""
    for section, name in ((panel.measurements, "measurements"), (panel.treatments, "treatments")):
        load_table(section, patient / f"{name}.csv")
    panel.ui.drawsSpinBox.value = 50
    panel.pages.open("choose")
    return panel


def ticked(panel, species):
    boxes = panel.scheduleForm.regimens.rows[species].boxes
    return [key for key, box in boxes.items() if box.checked]


def test_a_new_scene_compares_real_regimens_of_the_species(panel):
    from HER2ImmunoModelLib.scene.regimens_compared import NONE, PLANNED, USUAL

    form = panel.scheduleForm
    for species in ("human", "mouse"):
        panel.modelForm.species.choose(species)
        assert ticked(panel, species) == [*USUAL[species], PLANNED, NONE]
        assert [not row.isHidden() for row in form.regimens.rows.values()] == [s == species for s in form.regimens.rows]
    boxes = form.regimens.rows["mouse"].boxes
    assert boxes["mouse_io"].isHidden()
    form.regimens.moreButton.click()
    assert not boxes["mouse_io"].isHidden()
    assert not boxes[PLANNED].enabled
    assert boxes[PLANNED].toolTip == "Nothing is planned on the time line"
    form.candidates.choose("standard")
    assert form.regimens.isHidden()
    assert not panel.ui.doseSection.collapsed
    assert panel.ui.startDaySpinBox.text == "last visit"


def test_regimens_are_ranked_explained_and_kept_as_scenarios(chosen, photograph, host):
    import qt
    from layout_check import faults, settle, show_at
    from test_model_time_line_shown import dark

    panel = chosen
    assert "28 days after the last dose of the longest schedule" in panel.scheduleForm.compared.text
    panel.scheduleForm.clinicalLimits.click()
    assert panel.scheduleForm.compared.text.startswith(
        "⚠ Compared on day 148, 28 days after the last dose of the longest"
    )
    assert "ddAC, then THP is left out: anthracycline with or after anti-HER2" in panel.scheduleForm.compared.text
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text
    view = panel.results
    assert {row[0] for row in shown(view.table)} == {"TCHP ×6", "TCH ×6", "THP ×4", "T-DM1 + P ×6", "No treatment"}
    assert "ddAC, then THP is left out: anthracycline with or after anti-HER2" in view.notes.text
    assert "count as shares of full doses" in view.warnings.text
    heads = [view.table.horizontalHeaderItem(column) for column in range(4)]
    assert [head.text().replace("\n", " ") for head in heads] == [
        "Schedule",
        "Expected cm³ (90 %)",
        "Best in",
        "Regret cm³",
    ]
    assert "What you lose on average" in heads[3].toolTip()
    assert not any("Which drug first" in view.chart.itemText(n) for n in range(view.chart.count))
    view.table.setCurrentCell(1, 0)
    panel.keepRow.button.click()
    name = shown(view.table)[1][0]
    assert panel.keepRow.said.text == f"✓ {name} is kept as a scenario; see What if."
    light = qt.QApplication.palette()
    try:
        for look, palette in (("light", light), ("dark", dark(host))):
            qt.QApplication.setPalette(palette)
            photograph(panel.widget, f"HER2ImmunoModel-regimens-{look}", 450)
    finally:
        qt.QApplication.setPalette(light)
    for width in WIDTHS:
        show_at(panel, width)
        settle(panel.widget.parent)
        assert faults(panel.widget.parent) == []
    panel.scheduleForm.regimens.rows["human"].boxes["tch"].click()
    assert "The inputs have changed" in view.stale.text
