"""A tumour suggested from a click becomes an ordinary segment, can be undone, and its size follows the drawing."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from QuantDCELib.dicom.reading import DynamicImages
from QuantDCELib.dicom.time_axis import TimeAxis
from QuantDCELib.tumour import grow_tumour

TIME_S = np.array([0.0, 80.0, 160.0, 240.0, 320.0, 400.0])
IJK_TO_RAS = np.array([[0.0, 0.0, 3.0, -20.0], [-1.5, 0.0, 0.0, 40.0], [0.0, -1.5, 0.0, 30.0], [0, 0, 0, 1.0]])
CENTRE, RADIUS_MM = np.array([7, 15, 17]), 9.0
TURN = np.array([[0.0, -1.0, 0.0, 12.0], [1.0, 0.0, 0.0, -5.0], [0.0, 0.0, 1.0, 30.0], [0, 0, 0, 1.0]])


def images():
    """A sagittal breast of 14 slices that enhances by a quarter, with a sphere in it that enhances by twice."""
    random = np.random.default_rng(7)
    k, j, i = np.indices((14, 32, 34))
    distance = np.sqrt((3.0 * (k - CENTRE[0])) ** 2 + (1.5 * (j - CENTRE[1])) ** 2 + (1.5 * (i - CENTRE[2])) ** 2)
    tumour = distance <= RADIUS_MM
    washed = np.array([0.0, 1.0, 0.98, 0.95, 0.92, 0.9])
    slow = np.array([0.0, 0.1, 0.16, 0.2, 0.23, 0.25])
    signal = 200.0 * (1.0 + np.where(tumour[..., None], 2.0 * washed, slow))
    signal += random.normal(0, 6.0, signal.shape)
    series = TimeSeries(signal.astype(np.float32), IJK_TO_RAS, TIME_S)
    return DynamicImages(series, TimeAxis(TIME_S, "TriggerTime"), 0.005, 20.0, 1.5, {"series": ["1.2"]}), tumour


def dice(a, b):
    return 2.0 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))


def place(matrix=None):
    """The middle of the tumour in the world, with the series under a transform."""
    k, j, i = CENTRE
    return ((np.eye(4) if matrix is None else matrix) @ IJK_TO_RAS @ [i, j, k, 1.0])[:3]


@pytest.fixture
def parameters(scene):
    """What the panel's parameter node has, with a click in the middle of the tumour."""
    from QuantDCELib.scene.series_nodes import node_from_dynamic

    series = node_from_dynamic(scene, images()[0], "MR")
    seed = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "Click")
    seed.AddControlPointWorld(*place())
    chosen = {"timesText": "", "frameIntervalS": "", "baselineFrames": "", "growth": 0.5, "seedRadiusMm": 0.0}
    return SimpleNamespace(
        dynamic=series,
        seed=seed,
        segmentation=None,
        segmentId="",
        StartModify=lambda: 0,
        EndModify=lambda before: 0,
        **chosen,
    )


def transform(scene, matrix):
    import slicer
    import vtk

    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Turn")
    placed = vtk.vtkMatrix4x4()
    slicer.util.updateVTKMatrixFromArray(placed, matrix)
    node.SetMatrixTransformToParent(placed)
    return node


def mask_of(parameters):
    from HER2ImmunoCommonLib.scene import segment_mask

    return segment_mask(parameters.segmentation, parameters.segmentId, parameters.dynamic)


def drawn(scene, parameters, mask):
    """A segment that a person drew, chosen."""
    from HER2ImmunoCommonLib.scene import add_segment

    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Drawn")
    node.CreateDefaultDisplayNodes()
    parameters.segmentation = node
    parameters.segmentId = add_segment(node, mask, "mine", parameters.dynamic.GetNthDataNode(0))


def test_a_click_becomes_a_segment_in_a_new_segmentation(scene, parameters):
    from HER2ImmunoCommonLib.scene import PROVENANCE_ATTRIBUTE
    from QuantDCELib.scene.suggestion import suggest

    before = scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")
    suggestion, _earlier = suggest(scene, parameters)
    assert parameters.segmentation.GetName() == "Tumour segmentation"
    np.testing.assert_array_equal(mask_of(parameters), suggestion.mask)
    assert dice(suggestion.mask, images()[1]) >= 0.95
    record = json.loads(parameters.segmentation.GetAttribute(PROVENANCE_ATTRIBUTE))
    assert record["settings"]["growth"] == 0.5
    assert record["inputs"] == {"dynamic_node": "MR", "seed_node": "Click"}
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == before


def test_it_is_what_the_core_grows(scene, parameters):
    from QuantDCELib.scene.suggestion import suggest

    parameters.growth = 0.8
    suggestion, _earlier = suggest(scene, parameters)
    core = grow_tumour(images()[0].series, place(), growth=0.8)
    np.testing.assert_array_equal(suggestion.mask, core.mask)
    assert suggestion.volume_cm3 == core.volume_cm3


def test_undo_takes_away_what_was_made(scene, parameters):
    from QuantDCELib.scene.suggestion import suggest, undo_suggestion

    _suggestion, earlier = suggest(scene, parameters)
    assert undo_suggestion(scene, earlier)
    assert parameters.segmentation.GetSegmentation().GetNumberOfSegments() == 0
    assert not undo_suggestion(scene, earlier)


def test_the_chosen_segment_is_replaced_and_given_back(scene, parameters):
    from QuantDCELib.scene.suggestion import suggest, undo_suggestion

    mine = np.zeros((14, 32, 34), bool)
    mine[3:5, 4:9, 20:30] = True
    drawn(scene, parameters, mine)
    node, segment_id = parameters.segmentation, parameters.segmentId
    suggestion, earlier = suggest(scene, parameters)
    assert (parameters.segmentation, parameters.segmentId) == (node, segment_id)
    np.testing.assert_array_equal(mask_of(parameters), suggestion.mask)
    assert node.GetSegmentation().GetSegment(segment_id).GetName() == "mine"
    assert undo_suggestion(scene, earlier)
    np.testing.assert_array_equal(mask_of(parameters), mine)


def test_an_empty_segment_is_filled_and_emptied_again(scene, parameters):
    from QuantDCELib.scene.suggestion import suggest, undo_suggestion
    from QuantDCELib.scene.tumour_size import tumour_size

    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Empty")
    parameters.segmentation, parameters.segmentId = node, node.GetSegmentation().AddEmptySegment("", "Tumour")
    suggestion, earlier = suggest(scene, parameters)
    np.testing.assert_array_equal(mask_of(parameters), suggestion.mask)
    assert undo_suggestion(scene, earlier)
    assert tumour_size(node, parameters.segmentId, parameters.dynamic).volume_cm3 == 0


def test_other_segments_of_the_segmentation_stay(scene, parameters):
    from HER2ImmunoCommonLib.scene import add_segment, segment_mask
    from QuantDCELib.scene.suggestion import suggest, undo_suggestion

    mine, artery = (np.zeros((14, 32, 34), bool) for _ in range(2))
    mine[3:5, 4:9, 20:30] = artery[7, 15:18, 10:20] = True
    drawn(scene, parameters, mine)
    other = add_segment(parameters.segmentation, artery, "artery", parameters.dynamic.GetNthDataNode(0))
    suggestion, earlier = suggest(scene, parameters)
    np.testing.assert_array_equal(mask_of(parameters), suggestion.mask)
    for _ in range(2):
        np.testing.assert_array_equal(segment_mask(parameters.segmentation, other, parameters.dynamic), artery)
        undo_suggestion(scene, earlier)
    np.testing.assert_array_equal(mask_of(parameters), mine)


def test_the_transform_of_the_shown_volume_is_honoured(scene, parameters):
    from QuantDCELib.scene.series_nodes import shown_volume
    from QuantDCELib.scene.suggestion import suggest
    from QuantDCELib.scene.tumour_size import tumour_size

    turn = transform(scene, TURN)
    shown_volume(parameters.dynamic).SetAndObserveTransformNodeID(turn.GetID())
    parameters.seed.RemoveAllControlPoints()
    parameters.seed.AddControlPointWorld(*place(TURN))
    suggestion, _earlier = suggest(scene, parameters)
    assert dice(suggestion.mask, images()[1]) >= 0.95
    np.testing.assert_array_equal(mask_of(parameters), suggestion.mask)
    assert parameters.segmentation.GetTransformNodeID() == turn.GetID()
    size = tumour_size(parameters.segmentation, parameters.segmentId, parameters.dynamic)
    assert size.volume_cm3 == pytest.approx(suggestion.volume_cm3)
    np.testing.assert_allclose(size.diameter.ends_ras_mm, suggestion.diameter.ends_ras_mm, atol=1e-3)


def test_a_chosen_segmentation_may_lie_under_a_transform_of_its_own(scene, parameters):
    from QuantDCELib.scene.suggestion import suggest, undo_suggestion

    mine = np.zeros((14, 32, 34), bool)
    mine[3:5, 4:9, 20:30] = True
    drawn(scene, parameters, mine)
    parameters.segmentation.SetAndObserveTransformNodeID(transform(scene, np.diag([1.0, 1, 1, 1])).GetID())
    parameters.segmentation.GetParentTransformNode().SetMatrixTransformToParent(_shift(3.0, -4.5, 6.0))
    held = mask_of(parameters)
    suggestion, earlier = suggest(scene, parameters)
    np.testing.assert_array_equal(mask_of(parameters), suggestion.mask)
    undo_suggestion(scene, earlier)
    np.testing.assert_array_equal(mask_of(parameters), held)


def _shift(*ras):
    import vtk

    matrix = vtk.vtkMatrix4x4()
    for row, value in enumerate(ras):
        matrix.SetElement(row, 3, value)
    return matrix


def test_a_rough_sphere_bounds_the_answer(scene, parameters):
    from QuantDCELib.scene.suggestion import gather_suggestion

    parameters.seedRadiusMm = 6.0
    mask = gather_suggestion(parameters).grow().mask
    places = np.argwhere(mask)[:, ::-1]
    distance = np.linalg.norm(places @ IJK_TO_RAS[:3, :3].T + IJK_TO_RAS[:3, 3] - place(), axis=1)
    assert distance.max() <= 6.0


def test_what_is_missing_is_said(scene, parameters):
    from QuantDCELib.scene.suggestion import gather_suggestion, reason_not_suggested

    assert reason_not_suggested(parameters) == ""
    parameters.seed.RemoveAllControlPoints()
    with pytest.raises(InputError, match="Click inside"):
        gather_suggestion(parameters)
    parameters.seed = None
    assert "Click" in reason_not_suggested(parameters)
    parameters.dynamic = None
    assert "dynamic series" in reason_not_suggested(parameters)


def test_a_click_beside_the_tumour_leaves_the_scene_as_it_was(scene, parameters):
    from QuantDCELib.scene.suggestion import suggest

    parameters.seed.SetNthControlPointPositionWorld(0, [500.0, 0.0, 0.0])
    before = scene.GetNumberOfNodes()
    with pytest.raises(InputError, match="outside the images"):
        suggest(scene, parameters)
    assert (scene.GetNumberOfNodes(), parameters.segmentation) == (before, None)


def test_the_size_follows_what_is_drawn(scene, parameters):
    from HER2ImmunoCommonLib.scene import redraw_segment
    from QuantDCELib.scene.tumour_size import tumour_size

    mask = np.zeros((14, 32, 34), bool)
    mask[4, 5, 6:16] = True
    drawn(scene, parameters, mask)
    choice = parameters.segmentation, parameters.segmentId, parameters.dynamic
    size = tumour_size(*choice)
    assert size.volume_cm3 == pytest.approx(10 * 1.5 * 1.5 * 3.0 / 1000)
    assert size.diameter.mm == size.in_plane.mm == pytest.approx(15.0)
    mask[4:10, 5, 6] = True
    redraw_segment(parameters.segmentation, parameters.segmentId, mask, parameters.dynamic.GetNthDataNode(0))
    size = tumour_size(*choice)
    assert size.volume_cm3 == pytest.approx(15 * 6.75 / 1000)
    assert size.in_plane.mm == pytest.approx(15.0)
    assert size.diameter.mm > np.hypot(13.5, 15.0)
    assert tumour_size(None, "", parameters.dynamic).volume_cm3 == 0


def test_a_segment_of_another_grid_is_measured_on_that_of_the_series(scene, parameters):
    from HER2ImmunoCommonLib.geometry import Volume
    from HER2ImmunoCommonLib.scene import add_segment, node_from_volume
    from QuantDCELib.scene.tumour_size import tumour_size

    finer = IJK_TO_RAS @ np.diag([0.5, 0.5, 0.5, 1.0])
    mask = np.zeros((28, 64, 68), bool)
    mask[8:16, 10:30, 12:32] = True
    grid = node_from_volume(scene, Volume(mask, finer), "finer")
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Finer")
    parameters.segmentation, parameters.segmentId = node, add_segment(node, mask, "fine", grid)
    size = tumour_size(node, parameters.segmentId, parameters.dynamic)
    assert size.volume_cm3 == pytest.approx(mask_of(parameters).sum() * 6.75 / 1000)
