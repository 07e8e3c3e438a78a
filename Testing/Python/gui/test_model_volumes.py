"""Volume tables of animals in groups in the panel of the tumour model."""

import pytest
import slicer
from model_steps import shown


@pytest.fixture
def panel(model_panel):
    return model_panel


@pytest.fixture
def animals(tmp_path):
    """A volume table of three mice in two groups, and what each group was given."""
    rows = [
        ("control", "m1", (50, 80, 130)),
        ("treated", "m2", (60, 70, 60)),
        ("treated", "m3", (40, 45, 38)),
    ]
    lines = [f"{group},{name},{7 * n},{v},5" for group, name, volumes in rows for n, v in enumerate(volumes)]
    (tmp_path / "volumes.csv").write_text("\n".join(["group,animal,day,volume_mm3,sd", *lines]))
    (tmp_path / "given.csv").write_text("group,drug,day\ntreated,trastuzumab,1\ntreated,doxorubicin,4\n")
    return tmp_path


def test_an_animal_of_a_volume_table_is_chosen_with_the_treatment_of_its_group(panel, animals, load_table):
    panel.modelForm.model.choose("two_drug_logistic_death")
    load_table(panel.measurements, animals / "volumes.csv")
    assert panel.measurements.status.text == "✓ 3 subjects loaded; the first is shown."
    assert shown(panel.measurements.table)[0][:3] == ["day 0", "0", "0.05"]
    load_table(panel.treatments, animals / "given.csv")
    assert panel.parameters.treatments.GetName() == "Treatment of control"
    assert panel.treatments.table.rowCount == 0
    panel.ui.measurementSelector.setCurrentNode(slicer.util.getNode("treated m3"))
    assert panel.parameters.treatments.GetName() == "Treatment of treated"
    assert panel.treatments.table.rowCount == 2
    panel.ui.horizonDaySpinBox.value = 40
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text


def test_bad_tables_of_animals_are_said_and_leave_no_table(panel, animals, load_table):
    before = slicer.mrmlScene.GetNumberOfNodes()
    load_table(panel.treatments, animals / "given.csv")
    assert "load the volume table of the animals first" in panel.treatments.status.text
    (animals / "bad.csv").write_text("animal,day,volume_mm3\nm1,0,50\nm1,7,big\n")
    load_table(panel.measurements, animals / "bad.csv")
    assert "✗ bad.csv, row 3, column volume_mm3 holds 'big'" in panel.measurements.status.text
    assert slicer.mrmlScene.GetNumberOfNodes() == before
