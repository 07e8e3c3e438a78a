"""The data tree as the application makes it: every visible node gets an item when it is added, at the root."""

import pytest
import slicer
from dce_tissue import compute_and_keep

LISTED = (
    "vtkMRMLVolumeNode",
    "vtkMRMLSegmentationNode",
    "vtkMRMLTableNode",
    "vtkMRMLPlotChartNode",
    "vtkMRMLPlotSeriesNode",
    "vtkMRMLSequenceNode",
    "vtkMRMLMarkupsNode",
    "vtkMRMLTextNode",
)


@pytest.fixture
def tree(scene):
    """The hierarchy, filled as the application fills it."""
    import vtk

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def added(caller, event, node):
        if any(node.IsA(kind) for kind in LISTED) and not node.GetHideFromEditors():
            hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)

    scene.AddObserver(slicer.vtkMRMLScene.NodeAddedEvent, added)
    return hierarchy


def children(hierarchy, item):
    import vtk

    found = vtk.vtkIdList()
    hierarchy.GetItemChildren(item, found)
    return [found.GetId(index) for index in range(found.GetNumberOfIds())]


def at_the_root(hierarchy):
    nodes = [hierarchy.GetItemDataNode(item) for item in children(hierarchy, hierarchy.GetSceneItemID())]
    return {node.GetName() for node in nodes if node is not None}


def inside(hierarchy, folder_name):
    return {hierarchy.GetItemName(item) for item in children(hierarchy, hierarchy.GetItemByName(folder_name))}


def test_a_dce_series_and_its_results_are_in_the_folder_of_their_examination(tree, load_module, pet_patient):
    panel = load_module("QuantDCE").panel
    panel.examination.folderRow.edit.currentPath = str(pet_patient / "baseline" / "MR" / "dynamic")
    panel.examination.folderRow.button.click()
    assert at_the_root(tree) == set()
    assert inside(tree, "Examination of 2024-03-04") == {"dynamic"}
    panel.examination.frames.subtractionButton.click()
    assert at_the_root(tree) == set()


def test_results_of_a_series_without_a_folder_have_one_of_their_own(tree, dce_ready):
    compute_and_keep(dce_ready)
    assert {"baseline Ktrans (1/min)", "baseline Quant DCE results"} <= inside(tree, "Quant DCE: Dynamic MR")
    assert at_the_root(tree) == {"Dynamic MR", "Regions", "Measurements"}


def test_pet_and_mr_of_one_day_share_a_folder(tree, pet, pet_ready):
    assert pet.run(pet_ready).startswith("✓")
    assert pet.keep(pet_ready).startswith("✓")
    assert at_the_root(tree) == {"Regions", "Measurements"}
    held = inside(tree, "Examination of 2024-03-04")
    assert held == {"1 FMISO static AC", "PET Hypoxia: 1 FMISO static AC"}
    assert "1 FMISO static AC TMR" in inside(tree, "PET Hypoxia: 1 FMISO static AC")
