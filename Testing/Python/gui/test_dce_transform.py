"""Transforms in the Quant DCE panel: images moved with their tumour give the same numbers, moved alone others."""

import numpy as np
import pytest
import slicer
from dce_tissue import IJK_TO_RAS, TAGS, TIME_S, TUMOUR, choose, click, compute_and_keep
from HER2ImmunoCommonLib.geometry import TimeSeries

SHIFT_MM = 4.0
"""Two rows, either way: half of the tumour's segment then lies on what is no tumour, and all of it on the images."""
MEDIANS = ("ktrans_median_per_min", "ve_median", "volume_cm3")


@pytest.fixture
def shown(load_module, scene, dce_array):
    """(panel ready to compute, the volume that shows the series, the segmentation)."""
    from HER2ImmunoCommonLib.scene import add_segment, node_from_series

    sequence = node_from_series(scene, TimeSeries(dce_array, IJK_TO_RAS, TIME_S), "MR", tags=TAGS)
    browser = scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "MR browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)
    proxy = browser.GetProxyNode(sequence)
    regions = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    regions.SetReferenceImageGeometryParameterFromVolumeNode(proxy)
    add_segment(regions, TUMOUR, "Tumour", proxy)
    panel = load_module("QuantDCE").panel
    panel.ui.dynamicSelector.setCurrentNode(sequence)
    choose(panel.tumour.segments, regions, "Tumour")
    panel.compute.model.choose("tofts")
    panel.ui.t1Edit.text, panel.ui.arrivalEdit.text = "1.4", "30"
    return panel, proxy, regions


def measured(panel):
    from HER2ImmunoCommonLib.scene import read_table

    compute_and_keep(panel)
    (row,) = read_table(panel.parameters.measurements)
    return [row.values.get(name) for name in MEDIANS]


@pytest.fixture
def transform(scene):
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Shift")
    matrix = np.eye(4)
    matrix[1, 3] = SHIFT_MM
    slicer.util.updateTransformMatrixFromArray(node, matrix)
    return node.GetID()


def test_the_medians_are_the_same_when_both_are_moved_and_others_when_one_is(shown, transform):
    panel, proxy, regions = shown
    unmoved = measured(panel)
    for node in (proxy, regions):
        node.SetAndObserveTransformNodeID(transform)
    np.testing.assert_allclose(measured(panel), unmoved, rtol=1e-6)
    ktrans = slicer.util.getNode("baseline Ktrans (1/min)")
    assert np.isfinite(slicer.util.arrayFromVolume(ktrans)).sum() == TUMOUR.sum()
    for alone, other in ((proxy, regions), (regions, proxy)):
        alone.SetAndObserveTransformNodeID(transform)
        other.SetAndObserveTransformNodeID(None)
        moved = dict(zip(MEDIANS, measured(panel), strict=True))
        assert moved["volume_cm3"] == pytest.approx(unmoved[2])
        assert abs(moved["ktrans_median_per_min"] / unmoved[0] - 1) > 0.05


def test_results_are_marked_when_the_images_are_moved(shown, transform):
    panel, proxy, _regions = shown
    measured(panel)
    assert panel.results.stale.text == ""
    proxy.SetAndObserveTransformNodeID(transform)
    panel.exit()
    panel.enter()
    assert "inputs have changed" in panel.results.stale.text


def test_images_that_are_bent_are_refused(shown, scene):
    panel, proxy, _regions = shown
    bent = scene.AddNewNodeByClass("vtkMRMLBSplineTransformNode", "Bend")
    proxy.SetAndObserveTransformNodeID(bent.GetID())
    assert "which is not linear" in click(panel)
    assert panel.parameters.measurements is None
