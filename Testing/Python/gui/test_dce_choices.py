"""The best of several models, M0, B1, an input from a table and where to look for an artery, by clicks."""

import numpy as np
import pytest
import slicer
from dce_tissue import TUMOUR, VESSEL, choose, click, maps_by_name, offered, settings_used
from HER2ImmunoCommonLib.geometry import Volume


def map_node(panel, values, name):
    """A volume of one value on the grid of the series."""
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume, volume_from_node

    grid = volume_from_node(panel.parameters.dynamic.GetNthDataNode(0))
    return node_from_volume(slicer.mrmlScene, Volume(np.full(TUMOUR.shape, values, float), grid.ijk_to_ras), name)


def rows(panel):
    table = panel.results.table
    return {table.item(row, 0).text(): table.item(row, 1).text() for row in range(table.rowCount)}


def values_of(name):
    return slicer.util.arrayFromVolume(maps_by_name()[name])


def test_each_voxel_keeps_the_best_of_the_ticked_models(dce_ready, photograph):
    panel = dce_ready
    assert panel.compute.candidates.isHidden()
    panel.compute.model.choose("best")
    panel.arterial.source.choose("auto")
    assert not panel.compute.candidates.isHidden()
    panel.compute.candidates.boxes["patlak"].click()
    panel.compute.candidates.boxes["extended_tofts"].click()
    assert not panel.runBar.button.enabled
    assert panel.runBar.status.text == "Tick two or more models to choose from."
    panel.compute.candidates.boxes["extended_tofts"].click()
    assert click(panel).startswith("✓ "), panel.runBar.status.text
    best = maps_by_name()["Best model"]
    numbers = slicer.util.arrayFromVolume(best)
    assert set(np.unique(numbers[TUMOUR])) <= {1, 2}
    assert not numbers[~TUMOUR].any()
    colours = best.GetDisplayNode().GetColorNode()
    assert [colours.GetColorName(number) for number in (1, 2)] == ["Tofts", "Extended Tofts"]
    for number, name in enumerate(("Tofts", "Extended Tofts"), start=1):
        count = (numbers == number).sum()
        assert rows(panel).get(f"… {name}", "0").split()[0] == str(count)
    assert "Akaike weight" in rows(panel)["Model of the mean curve"]
    weight = values_of("Akaike weight of the best model")[TUMOUR]
    assert ((weight >= 0.5) & (weight <= 1)).all()
    assert settings_used("Ktrans (1/min)")["candidates"] == ["tofts", "extended_tofts"]
    assert photograph(panel.widget, "QuantDCE-best-model", 420).stat().st_size > 5000


def test_the_ticks_come_back_with_the_scene(dce_ready, tmp_path):
    panel = dce_ready
    panel.compute.model.choose("best")
    panel.compute.candidates.boxes["2cxm"].click()
    panel.compute.m0.choose("given")
    panel.ui.m0MapSelector.setCurrentNode(map_node(panel, 1000.0, "M0"))
    panel.ui.b1MapSelector.setCurrentNode(map_node(panel, 1.0, "B1"))
    panel.ui.memorySpinBox.value = 128
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    assert not panel.compute.candidates.boxes["2cxm"].checked
    slicer.util.loadScene(str(path))
    assert panel.compute.candidates.boxes["2cxm"].checked
    assert panel.compute.m0.currentData == "given"
    assert panel.ui.m0MapSelector.currentNode().GetName() == "M0"
    assert panel.ui.b1MapSelector.currentNode().GetName() == "B1"
    assert panel.ui.memorySpinBox.value == 128


@pytest.mark.parametrize("source", ["baseline", "given", "fitted"])
def test_every_source_of_m0_gives_the_same_tissue(dce_ready, source):
    panel = dce_ready
    panel.compute.model.choose("tofts")
    panel.arterial.source.choose("auto")
    panel.compute.m0.choose(source)
    assert panel.ui.m0MapSelector.isHidden() == (source != "given")
    if source == "given":
        assert click(panel).startswith("✗ M0 is to be given, but there is neither an M0 map nor a flip angle series")
        panel.ui.m0MapSelector.setCurrentNode(map_node(panel, 1000.0, "M0"))
    assert click(panel).startswith("✓ "), panel.runBar.status.text
    # A measured input sampled every 6 s costs some percent.
    assert np.median(values_of("Ktrans (1/min)")[TUMOUR]) == pytest.approx(0.25, rel=0.15)
    assert settings_used("Ktrans (1/min)")["m0"] == source
    if source == "fitted":
        assert np.median(values_of("M0")[TUMOUR]) == pytest.approx(1000.0, rel=0.05)


def test_a_reference_region_keeps_the_m0_of_the_baseline(dce_ready):
    panel = dce_ready
    panel.compute.m0.choose("fitted")
    panel.compute.model.choose("reference_region")
    choose(panel.compute.reference, panel.parameters.segmentation, "muscle")
    assert click(panel).startswith("✓ "), panel.runBar.status.text
    assert settings_used("Ktrans relative to reference")["m0"] == "baseline"


def test_a_b1_map_scales_the_flip_angle(dce_ready):
    panel = dce_ready
    panel.compute.model.choose("tofts")
    panel.arterial.source.choose("parker")
    click(panel)
    before = values_of("Ktrans (1/min)")[TUMOUR].copy()
    panel.ui.b1MapSelector.setCurrentNode(map_node(panel, 0.5, "B1"))
    panel.ui.flipEdit.text = "40"
    assert click(panel).startswith("✓ "), panel.runBar.status.text
    np.testing.assert_allclose(values_of("Ktrans (1/min)")[TUMOUR], before, rtol=1e-4)


def test_the_input_of_one_run_serves_another(dce_ready):
    panel = dce_ready
    panel.compute.model.choose("tofts")
    panel.arterial.source.choose("auto")
    click(panel)
    before = values_of("Ktrans (1/min)")[TUMOUR].copy()
    panel.arterial.source.choose("table")
    assert panel.runBar.status.text == "Choose the table of the arterial input."
    table = slicer.util.getNode("baseline Arterial input table")
    panel.ui.aifTableSelector.setCurrentNode(table)
    for _run in range(2):
        assert click(panel).startswith("✓ "), panel.runBar.status.text
        np.testing.assert_allclose(values_of("Ktrans (1/min)")[TUMOUR], before, rtol=1e-5)
        assert panel.parameters.aifTable.GetName() == "baseline Arterial input table"
    table.GetTable().GetColumn(0).SetValue(3, 0.0)
    assert click(panel).startswith("✗ baseline Arterial input table: the column time_s must increase from row to row")


def test_a_table_that_is_no_input_is_refused(dce_ready):
    panel = dce_ready
    panel.arterial.source.choose("table")
    panel.ui.aifTableSelector.setCurrentNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Something"))
    assert click(panel).startswith("✗ Something needs the columns time_s and plasma_mM or blood_mM")


def test_the_artery_is_looked_for_where_a_segment_says(dce_ready):
    panel = dce_ready
    panel.compute.model.choose("tofts")
    panel.arterial.source.choose("auto")
    assert not panel.arterial.searchLine.isHidden()
    assert not panel.arterial.artery.isHidden()
    choose(panel.arterial.artery, panel.parameters.segmentation, "muscle")
    assert click(panel).startswith("✗ No artery was found"), panel.runBar.status.text
    choose(panel.arterial.artery, panel.parameters.segmentation, "vessel")
    assert click(panel).startswith("✓ "), panel.runBar.status.text
    assert "Artery found" in offered(panel)
    found = slicer.util.getNode("baseline Artery found")
    grid = panel.parameters.dynamic.GetNthDataNode(0)
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(found, found.GetSegmentation().GetNthSegmentID(0), grid)
    assert mask.any()
    assert not mask[~VESSEL].any()


def test_every_setting_of_the_core_is_reached_by_the_panel(dce_ready):
    """A setting that the panel never passes on keeps its default whatever a person does."""
    import dataclasses

    from QuantDCELib.analysis.settings import DceSettings
    from QuantDCELib.scene.choices import settings_of

    passed = {}

    class Recorder(DceSettings):
        def __init__(self, **values):
            passed.update(values)
            super().__init__(**values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("QuantDCELib.scene.choices.DceSettings", Recorder)
        parameters = dce_ready.parameters
        for model in ("tofts", "best", "reference_region", "none"):
            parameters.model, parameters.fitDelay, parameters.ftvSerBins = model, True, "0, 1"
            for parameters.semiQuantitative in (True, False):
                settings_of(parameters)
    assert set(passed) == {field.name for field in dataclasses.fields(DceSettings)}


def test_photograph_with_m0_and_band(dce_ready, photograph):
    dce_ready.compute.m0.choose("given")
    dce_ready.arterial.source.choose("auto")
    dce_ready.ui.advancedSection.collapsed = False
    assert photograph(dce_ready.widget, "QuantDCE-m0", 420).stat().st_size > 5000
