"""Transforms in the scene: the same rule for images, sequences and regions."""

import numpy as np
import pytest
import vtk
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries

SHAPE = (6, 8, 9)
PLACE = np.diag([2.0, 2.0, 3.0, 1.0])


@pytest.fixture
def drawn(scene):
    """(sequence, volume that shows it, segmentation, ID and mask of a segment drawn on it)."""
    import slicer
    from HER2ImmunoCommonLib.scene import add_segment, node_from_series

    series = TimeSeries(np.ones((*SHAPE, 3), np.float32), PLACE, np.arange(3.0))
    sequence = node_from_series(scene, series, "MR")
    browser = scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "MR browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)
    proxy = browser.GetProxyNode(sequence)
    mask = np.zeros(SHAPE, bool)
    mask[1:3, 2:5, 3:6] = True
    segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    return sequence, proxy, segmentation, add_segment(segmentation, mask, "tumour", proxy), mask


def shift(scene, x_mm):
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Shift")
    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(0, 3, x_mm)
    node.SetMatrixTransformToParent(matrix)
    return node


def bend(scene):
    node = scene.AddNewNodeByClass("vtkMRMLBSplineTransformNode", "Bend")
    spline = vtk.vtkThinPlateSplineTransform()
    source, target = vtk.vtkPoints(), vtk.vtkPoints()
    for n, place in enumerate(((0, 0, 0), (9, 0, 0), (0, 9, 0), (0, 0, 9), (9, 9, 9))):
        source.InsertNextPoint(place)
        target.InsertNextPoint([value + (n == 4) for value in place])
    spline.SetSourceLandmarks(source)
    spline.SetTargetLandmarks(target)
    node.SetAndObserveTransformToParent(spline)
    return node


def test_an_image_moved_over_a_region_measures_other_voxels(scene, drawn):
    from HER2ImmunoCommonLib.scene import segment_mask, series_from_node

    sequence, proxy, segmentation, segment_id, mask = drawn
    moved = shift(scene, 4.0)
    proxy.SetAndObserveTransformNodeID(moved.GetID())
    assert np.array_equal(segment_mask(segmentation, segment_id, sequence), np.roll(mask, -2, axis=2))
    assert series_from_node(sequence).ijk_to_ras[0, 3] == 4.0


def test_an_image_moved_with_its_region_measures_the_same_voxels(scene, drawn):
    from HER2ImmunoCommonLib.scene import segment_mask

    sequence, proxy, segmentation, segment_id, mask = drawn
    for node in (proxy, segmentation):
        node.SetAndObserveTransformNodeID(shift(scene, 4.0).GetID())
    assert np.array_equal(segment_mask(segmentation, segment_id, sequence), mask)


def test_a_region_moved_alone_measures_other_voxels(scene, drawn):
    from HER2ImmunoCommonLib.scene import segment_mask

    sequence, _proxy, segmentation, segment_id, mask = drawn
    segmentation.SetAndObserveTransformNodeID(shift(scene, 4.0).GetID())
    assert np.array_equal(segment_mask(segmentation, segment_id, sequence), np.roll(mask, 2, axis=2))


def test_what_is_bent_is_refused_whatever_it_is(scene, drawn):
    from HER2ImmunoCommonLib.scene import segment_mask, series_from_node, volume_from_node

    sequence, proxy, segmentation, segment_id, _mask = drawn
    proxy.SetAndObserveTransformNodeID(bend(scene).GetID())
    for use in (
        lambda: volume_from_node(proxy),
        lambda: series_from_node(sequence),
        lambda: segment_mask(segmentation, segment_id, sequence),
        lambda: segment_mask(segmentation, segment_id, proxy),
    ):
        with pytest.raises(InputError, match=r"MR lies under the transform Bend, which is not linear"):
            use()


def test_a_bent_region_is_refused_too(scene, drawn):
    from HER2ImmunoCommonLib.scene import segment_mask

    sequence, _proxy, segmentation, segment_id, _mask = drawn
    segmentation.SetAndObserveTransformNodeID(bend(scene).GetID())
    with pytest.raises(InputError, match=r"Regions lies under the transform Bend, which is not linear"):
        segment_mask(segmentation, segment_id, sequence)


def test_nothing_is_left_in_the_scene(scene, drawn):
    from HER2ImmunoCommonLib.scene import segment_mask

    sequence, proxy, segmentation, segment_id, _mask = drawn
    proxy.SetAndObserveTransformNodeID(shift(scene, 4.0).GetID())
    before = scene.GetNumberOfNodes()
    segment_mask(segmentation, segment_id, sequence)
    assert scene.GetNumberOfNodes() == before


def test_two_places_of_one_sequence_are_refused(scene, drawn):
    import slicer
    from HER2ImmunoCommonLib.scene import to_world

    sequence, proxy, *_ = drawn
    second = scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Second")
    second.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(second)
    assert np.array_equal(to_world(sequence), np.eye(4))
    proxy.SetAndObserveTransformNodeID(shift(scene, 4.0).GetID())
    with pytest.raises(InputError, match="under different transforms"):
        to_world(sequence)
