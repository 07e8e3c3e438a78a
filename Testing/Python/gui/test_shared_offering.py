"""Selectors list what fits: no map as a PET, no table of results as measurements, no flip angles as a dynamic."""

import numpy as np
import pytest
import slicer
from dce_tissue import IJK_TO_RAS, TAGS, TIME_S, compute_and_keep
from HER2ImmunoCommonLib.geometry import TimeSeries


def listed(selector):
    return {selector.nodeFromIndex(index).GetName() for index in range(selector.nodeCount())}


def add_table(name, header):
    from HER2ImmunoCommonLib.scene import write_cells

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
    write_cells(header, [["1"] * len(header)], node)
    return node


@pytest.fixture
def mixed(dce_ready, load_module, dce_array):
    """A scene with the results of a dynamic, a flip angle series, a PET, an MR and tables: the three panels by name."""
    from HER2ImmunoCommonLib.scene import FRAME_LABELS, TIME_TAG, TIME_UNIT, node_from_series

    vfa = node_from_series(slicer.mrmlScene, TimeSeries(dce_array[..., :2], IJK_TO_RAS, TIME_S[:2]), "VFA", tags=TAGS)
    for key, value in ((FRAME_LABELS, "5,15"), (TIME_TAG, "FlipAngle"), (TIME_UNIT, "degrees")):
        vfa.SetAttribute(key, value)
    slicer.util.addVolumeFromArray(np.ones((3, 3, 3), np.float32), name="PET")
    add_table("My visits", ["Visit", "day"])
    add_table("My doses", ["drug", "day", "dose"])
    add_table("My input", ["time_s", "plasma_mM"])
    compute_and_keep(dce_ready)
    panels = {"QuantDCE": dce_ready, **{name: load_module(name).panel for name in ("PETHypoxia", "HER2ImmunoModel")}}
    for panel in panels.values():
        slicer.app.processEvents()
        panel.offering.refresh()
    return panels


def test_series_are_told_apart(mixed):
    ui = mixed["QuantDCE"].ui
    assert listed(ui.dynamicSelector) == {"Dynamic MR"}
    assert listed(ui.vfaSelector) == {"VFA"}


def test_maps_are_no_images(mixed):
    pet, dce = mixed["PETHypoxia"].ui, mixed["QuantDCE"].ui
    assert listed(pet.petSelector) == {"PET"}
    assert listed(pet.anatomySelector) == {"PET"}
    assert listed(dce.b1MapSelector) == {"PET"}
    assert "baseline Ktrans (1/min)" in {
        node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    }


def test_tables_of_results_are_no_measurements(mixed):
    for selector in (
        mixed["QuantDCE"].ui.measurementsSelector,
        mixed["PETHypoxia"].ui.tableSelector,
        mixed["HER2ImmunoModel"].ui.measurementSelector,
    ):
        assert listed(selector) == {"Measurements", "My visits"}
    assert listed(mixed["HER2ImmunoModel"].ui.treatmentSelector) == {"My doses"}
    assert listed(mixed["QuantDCE"].ui.aifTableSelector) == {"My input", "baseline Arterial input table"}


def test_what_comes_later_is_looked_at_too(mixed):
    slicer.util.addVolumeFromArray(np.ones((3, 3, 3), np.float32), name="Later PET")
    add_table("Later doses", ["drug", "day", "dose"])
    slicer.app.processEvents()
    assert "Later PET" in listed(mixed["PETHypoxia"].ui.petSelector)
    assert "Later doses" not in listed(mixed["HER2ImmunoModel"].ui.measurementSelector)
