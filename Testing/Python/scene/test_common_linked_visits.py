"""Visits beside each other: one space, plane, window and scale, drawn off-screen; and all as before when it ends."""

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib import charts
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.registration import Transform
from visit_scene import AXIAL, DATES, OBLIQUE, SHAPE, add_map, add_visit, places_of, texture

CONVENTIONAL = 2
can_draw = pytest.mark.skipif(not charts.can_draw(), reason=charts.NO_OPENGL)
WAVE_MM = 4.0


def bent(places_ras_mm):
    """Where a place of the reference lies in the second visit."""
    moved = np.array(places_ras_mm, np.float64)
    moved[..., 1] += WAVE_MM * np.sin(moved[..., 0] / 15.0)
    return moved


def unbent(places_ras_mm):
    moved = np.array(places_ras_mm, np.float64)
    moved[..., 1] -= WAVE_MM * np.sin(moved[..., 0] / 15.0)
    return moved


@pytest.fixture
def layout(standalone):
    import slicer

    logic = slicer.vtkMRMLLayoutLogic()
    logic.SetMRMLScene(standalone.scene)
    logic.GetLayoutNode().SetViewArrangement(CONVENTIONAL)
    yield logic.GetLayoutNode()
    logic.SetMRMLScene(None)


@pytest.fixture
def placed(scene):
    """A reference, a visit on an oblique grid that shows the same anatomy bent, and one that is not aligned."""
    from HER2ImmunoCommonLib.scene import place_visit, set_transform

    made = [
        add_visit(scene, "V1"),
        add_visit(scene, "V2", DATES[1], ijk_to_ras=OBLIQUE, moved=unbent),
        add_visit(scene, "V3", DATES[2]),
    ]
    for each, top in zip(made[:2], (0.4, 0.6), strict=True):
        add_map(scene, each, top)
    visits = found_in(scene)
    big = Volume(
        np.zeros((30, 60, 60), np.uint8), np.array([[4.0, 0, 0, -120], [0, 4, 0, -120], [0, 0, 4, -60], [0, 0, 0, 1]])
    )
    grid_places = places_of(big.array.shape, big.ijk_to_ras)
    node = scene.AddNewNodeByClass("vtkMRMLTransformNode", "bend")
    set_transform(node, Transform.from_displacement(bent(grid_places) - grid_places, big))
    place_visit(visits[1], visits[0], node)
    return made


def found_in(scene):
    from HER2ImmunoCommonLib.scene import visits_of

    return visits_of(scene).visits


def compare(scene, **look):
    from HER2ImmunoCommonLib.scene import Look, compare_visits

    visits = found_in(scene)
    return compare_visits(scene, visits[0], visits, Look(**look))


def layers(scene, n):
    return scene.GetNodeByID(f"vtkMRMLSliceCompositeNodeVisit {n}")


def plane(scene, n):
    return scene.GetNodeByID(f"vtkMRMLSliceNodeVisit {n}")


def place(scene, n):
    import slicer

    return slicer.util.arrayFromVTKMatrix(plane(scene, n).GetSliceToRAS()).round(4).tolist()


def shown(scene, n, layer="Background"):
    return scene.GetNodeByID(getattr(layers(scene, n), f"Get{layer}VolumeID")() or "")


def test_each_visit_has_a_view_in_one_place_with_one_window_and_scale(scene, layout, placed):
    from HER2ImmunoCommonLib.scene import has_legend, segment_centre

    notes = compare(scene, overlay="Ktrans")
    assert notes == (
        "day_21 is not aligned to baseline: it is shown where the scanner puts it.",
        "day_21 has no map of Ktrans.",
    )
    assert place(scene, 1) == place(scene, 2) == place(scene, 3)
    assert plane(scene, 1).GetOrientation() == "Axial"
    centre = segment_centre(placed[0].regions, placed[0].tumour)
    np.testing.assert_allclose(np.array(place(scene, 1))[:3, 3], centre, atol=1e-3)
    windows = {
        (shown(scene, n).GetDisplayNode().GetWindow(), shown(scene, n).GetDisplayNode().GetLevel()) for n in (1, 2, 3)
    }
    assert len(windows) == 1
    maps = [shown(scene, n, "Foreground") for n in (1, 2)]
    assert [
        (node.GetDisplayNode().GetWindowLevelMin(), node.GetDisplayNode().GetWindowLevelMax()) for node in maps
    ] == [
        (0.0, 0.6),
        (0.0, 0.6),
    ]
    assert shown(scene, 3, "Foreground") is None
    assert [has_legend(node) for node in maps] == [False, True]
    assert [plane(scene, n).GetLayoutLabel() for n in (1, 2, 3)] == [
        "baseline, day 0",
        "day_7, day 7",
        "day_21, day 21, not aligned",
    ]
    assert all(layers(scene, n).GetHotLinkedControl() for n in (1, 2, 3))


def test_the_nodes_of_the_visits_are_as_they_were(scene, layout, placed):
    import slicer

    own = slicer.util.getNodesByClass("vtkMRMLDisplayableNode", scene)
    before = [(node.GetTransformNodeID(), node.GetMTime()) for node in own if node.IsA("vtkMRMLVolumeNode")]
    compare(scene, overlay="Ktrans")
    assert [(node.GetTransformNodeID(), node.GetMTime()) for node in own if node.IsA("vtkMRMLVolumeNode")] == before
    assert all(node.GetTransformNodeID() is None for node in own)


@can_draw
def test_another_grid_shows_the_same_anatomy(scene, standalone, layout, placed, tmp_path):
    """Each view draws the value that the anatomy has there, although the second visit is oblique and bent."""
    import slicer
    from slice_pictures import SliceView, picture_folder

    views = [SliceView(scene, standalone.application_logic, f"Visit {n}", size=(300, 260)) for n in (1, 2, 3)]
    compare(scene, frame="first")
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode", scene):
        node.GetDisplayNode().SetVisibility(False)
    pictures = [view.pixels().astype(float)[..., 0] for view in views]
    for n, view in enumerate(views):
        view.save(picture_folder(tmp_path) / f"linked_visits_{n + 1}.png")
    display = shown(scene, 1).GetDisplayNode()
    low, high = display.GetWindowLevelMin(), display.GetWindowLevelMax()
    centre = np.array(place(scene, 1))[:3, 3]
    for x, y in ((0, 9), (-9, 6), (8, -8), (-7, -9), (10, 4)):
        point = centre + np.array([x, y, 0.0])
        expected = 255 * np.clip((texture(point) - low) / (high - low), 0, 1)
        seen = [picture[view.pixel_of(point)] for picture, view in zip(pictures[:2], views[:2], strict=True)]
        np.testing.assert_allclose(seen, expected, atol=20)
    for view in views:
        view.close()


@can_draw
def test_maps_and_outlines_are_drawn_where_the_transform_puts_them(scene, standalone, layout, placed, tmp_path):
    from HER2ImmunoCommonLib.scene import map_rgb
    from slice_pictures import SliceView, picture_folder

    views = [SliceView(scene, standalone.application_logic, f"Visit {n}", size=(360, 300)) for n in (1, 2)]
    compare(scene, overlay="Ktrans")
    for n, view in enumerate(views):
        view.save(picture_folder(tmp_path) / f"linked_maps_{n + 1}.png")
    index = (12, 10, 4)
    for view, made, grid, top in ((views[0], placed[0], AXIAL, 0.4), (views[1], placed[1], OBLIQUE, 0.6)):
        own = (grid @ (*index, 1.0))[:3]
        point = own if made is placed[0] else unbent(own)
        plane_of = np.linalg.inv(np.array(place(scene, 1)))
        if abs((plane_of @ (*point, 1.0))[2]) > 1.0:
            continue  # this voxel is not in the slice
        value = top * index[0] / SHAPE[2] / 0.6
        np.testing.assert_allclose(view.pixels()[view.pixel_of(point)] / 255, map_rgb([value])[0], atol=0.06)
    for view in views:
        view.close()


def test_scrolling_one_scrolls_all(scene, standalone, layout, placed):
    import slicer

    compare(scene)
    link = slicer.vtkMRMLSliceLinkLogic()
    link.SetMRMLApplicationLogic(standalone.application_logic)
    link.SetMRMLScene(scene)
    views = [slicer.vtkMRMLSliceLogic() for _ in range(3)]
    for n, view in enumerate(views, start=1):
        view.SetMRMLApplicationLogic(standalone.application_logic)
        view.SetMRMLScene(scene)
        view.SetSliceNode(plane(scene, n))
    views[0].StartSliceOffsetInteraction()
    views[0].SetSliceOffset(plane(scene, 1).GetSliceOffset() + 4.0)
    views[0].EndSliceOffsetInteraction()
    assert plane(scene, 3).GetSliceOffset() == plane(scene, 1).GetSliceOffset()
    link.SetMRMLScene(None)
    for view in views:
        view.SetMRMLScene(None)


def test_shown_again_a_person_stays_where_they_were_unless_the_plane_is_another(scene, layout, placed):
    compare(scene)
    for n in (1, 2, 3):
        plane(scene, n).SetSliceOffset(3.0)
        plane(scene, n).SetFieldOfView(33, 33, 1)
    compare(scene, overlay="Ktrans")
    assert {plane(scene, n).GetSliceOffset() for n in (1, 2, 3)} == {3.0}
    assert {plane(scene, n).GetFieldOfView()[0] for n in (1, 2, 3)} == {33.0}
    compare(scene, orientation="Sagittal")
    assert {plane(scene, n).GetOrientation() for n in (1, 2, 3)} == {"Sagittal"}
    assert plane(scene, 1).GetFieldOfView()[0] != 33.0


def test_a_persons_window_is_that_of_every_visit(scene, layout, placed):
    from HER2ImmunoCommonLib.scene import SameWindow

    compare(scene, overlay="Ktrans")
    same = SameWindow()
    same.follow(scene)
    shown(scene, 2).GetDisplayNode().SetWindowLevelMinMax(10, 90)
    shown(scene, 1, "Foreground").GetDisplayNode().SetWindowLevelMinMax(0.1, 0.3)
    for n in (1, 2, 3):
        assert shown(scene, n).GetDisplayNode().GetWindowLevelMax() == 90
    assert shown(scene, 2, "Foreground").GetDisplayNode().GetWindowLevelMin() == pytest.approx(0.1)
    same.leave()
    shown(scene, 2).GetDisplayNode().SetWindowLevelMinMax(10, 50)
    assert shown(scene, 1).GetDisplayNode().GetWindowLevelMax() == 90


def test_when_it_ends_all_is_as_before(scene, layout, placed, view):
    import slicer
    from HER2ImmunoCommonLib.scene import end_comparison, has_legend, show_map

    (ktrans,) = [
        node
        for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", scene)
        if "V1" in node.GetName() and "Ktrans" in node.GetName()
    ]
    show_map(scene, ktrans, None, placed[0].regions)
    seen = [node.GetDisplayNode().GetVisibility2D() for node in (placed[0].regions, placed[1].regions)]
    nodes = {node.GetID() for node in slicer.util.getNodesByClass("vtkMRMLNode", scene)}
    compare(scene, overlay="Ktrans")
    assert layout.GetViewArrangement() != CONVENTIONAL
    end_comparison(scene)
    assert layout.GetViewArrangement() == CONVENTIONAL
    assert has_legend(ktrans)
    assert [node.GetDisplayNode().GetVisibility2D() for node in (placed[0].regions, placed[1].regions)] == seen
    left = {node.GetID() for node in slicer.util.getNodesByClass("vtkMRMLNode", scene)} - nodes
    assert all("Slice" in each for each in left), left
    end_comparison(scene)


def test_maps_side_by_side_and_visits_give_way_to_each_other(scene, layout, placed):
    import slicer
    from HER2ImmunoCommonLib.scene import end_comparison, is_side_by_side, is_stand_in, show_images, show_side_by_side

    (ktrans, *_), proxy = found_in(scene)[0].maps, _proxy(placed[0].dynamic)
    show_side_by_side(scene, [ktrans], proxy)
    compare(scene)
    assert not is_side_by_side(scene)
    show_side_by_side(scene, [ktrans], proxy)
    assert is_side_by_side(scene)
    assert not [node for node in slicer.util.getNodesByClass("vtkMRMLVolumeNode", scene) if is_stand_in(node)]
    compare(scene)
    show_images(scene, proxy)
    assert layout.GetViewArrangement() == CONVENTIONAL
    end_comparison(scene)


def test_what_fails_leaves_the_comparison_of_before(scene, layout, placed):
    from HER2ImmunoCommonLib.scene import set_transform

    compare(scene)
    before = [shown(scene, n) for n in (1, 2, 3)]
    count = scene.GetNumberOfNodes()
    node = scene.AddNewNodeByClass("vtkMRMLTransformNode", "odd")
    grid = Volume(np.zeros(SHAPE, np.uint8), AXIAL)
    set_transform(node, Transform.from_displacement(np.ones((*SHAPE, 3)), grid))
    _proxy(placed[2].dynamic).SetAndObserveTransformNodeID(node.GetID())
    with pytest.raises(InputError, match="which is not linear"):
        compare(scene)
    assert [shown(scene, n) for n in (1, 2, 3)] == before
    assert scene.GetNumberOfNodes() == count + 1


def test_more_visits_than_views_are_named(scene, layout):
    from datetime import date, timedelta

    for n in range(8):
        add_visit(scene, f"V{n}", (date(2026, 3, 2) + timedelta(days=7 * n)).isoformat(), tumour="")
    notes = compare(scene)
    assert notes[0] == "day_42, day_49: not shown, since there is room for 6 visits."


def test_two_visits_alternate_each_with_its_outline(scene, layout, placed):
    import slicer
    from HER2ImmunoCommonLib.scene import flicker, is_stand_in, show_pair

    visits = found_in(scene)
    assert show_pair(scene, visits[0], visits[1]) == ()
    outlines = [node for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode", scene) if is_stand_in(node)]

    def seen():
        return layers(scene, 1).GetForegroundOpacity(), [node.GetDisplayNode().GetVisibility() for node in outlines]

    assert seen() == (0.0, [1, 0])
    flicker(scene)
    assert seen() == (1.0, [0, 1])
    flicker(scene)
    assert seen() == (0.0, [1, 0])


@can_draw
def test_a_board_of_aligned_visits_has_no_edges(scene, standalone, layout, placed, tmp_path):
    from HER2ImmunoCommonLib.scene import gather_board, show_board
    from slice_pictures import SliceView, picture_folder

    visits = found_in(scene)
    view = SliceView(scene, standalone.application_logic, "Visit 1", size=(300, 260))
    request = gather_board(visits[0], visits[1])
    requests = {"aligned": request, "not": replace(request, transform=Transform.identity())}
    boards = {name: each.make() for name, each in requests.items()}
    for name, board in boards.items():
        show_board(scene, visits[0], visits[1], board)
        view.save(picture_folder(tmp_path) / f"visits_board_{name}.png")
    plain = gather_board(visits[0], visits[0]).make()
    inside = (slice(3, 8), slice(4, 20), slice(4, 22))
    apart = {name: np.abs(board[inside] - plain[inside]).mean() for name, board in boards.items()}
    assert apart["aligned"] < 0.5 * apart["not"]
    assert shown(scene, 1).GetImageData() is not placed[0].dynamic.GetNthDataNode(0).GetImageData()
    view.close()


@can_draw
def test_the_jacobian_is_seen_around_one_with_its_legend(scene, standalone, layout, placed, tmp_path):
    import slicer
    from HER2ImmunoCommonLib.scene import gather_jacobian, show_jacobian
    from slice_pictures import SliceView, picture_folder

    visits = found_in(scene)
    view = SliceView(scene, standalone.application_logic, "Visit 1", size=(300, 260))
    values = gather_jacobian(visits[0], visits[1]).make()
    show_jacobian(scene, visits[0], visits[1], values)
    view.save(picture_folder(tmp_path) / "visits_jacobian.png")
    view.close()
    np.testing.assert_allclose(values[2:-2, 2:-2, 2:-2], 1.0, atol=0.05)  # a shear keeps volumes
    node = scene.GetNodeByID(layers(scene, 1).GetForegroundVolumeID())
    display = node.GetDisplayNode()
    assert display.GetWindowLevelMin() + display.GetWindowLevelMax() == pytest.approx(2.0)
    assert len(slicer.util.getNodesByClass("vtkMRMLColorLegendDisplayNode", scene)) == 1
    with pytest.raises(InputError, match="has no transform to baseline"):
        gather_jacobian(visits[0], visits[2])


def test_a_board_leaves_the_images_of_the_reference_as_they_are(scene, layout, placed):
    from HER2ImmunoCommonLib.scene import gather_board, show_board

    visits = found_in(scene)
    before = placed[0].values.astype(np.float32)
    show_board(scene, visits[0], visits[1], gather_board(visits[0], visits[1]).make())
    import slicer

    np.testing.assert_array_equal(slicer.util.arrayFromVolume(placed[0].dynamic.GetNthDataNode(0)), before)


def test_a_scene_saved_meanwhile_opens_without_stand_ins(scene, layout, placed, tmp_path):
    import slicer
    from HER2ImmunoCommonLib.scene import end_comparison, save_mrb
    from HER2ImmunoCommonLib.scene.standalone import StandaloneScene, load_mrb

    compare(scene, overlay="Ktrans")
    save_mrb(scene, tmp_path / "scene.mrb")
    other = StandaloneScene()
    other.activate()
    logic = slicer.vtkMRMLLayoutLogic()
    logic.SetMRMLScene(other.scene)
    load_mrb(other.scene, tmp_path / "scene.mrb")
    end_comparison(other.scene)
    assert logic.GetLayoutNode().GetViewArrangement() == CONVENTIONAL
    names = [node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLDisplayableNode", other.scene)]
    assert not [name for name in names if "compared" in name]
    regions = slicer.util.getNodesByClass("vtkMRMLSegmentationNode", other.scene)
    assert all(node.GetDisplayNode().GetVisibility2D() for node in regions)
    assert len(found_in(other.scene)) == 3
    logic.SetMRMLScene(None)
    other.close()


def _proxy(sequence):
    import slicer

    return slicer.modules.sequences.logic().GetFirstBrowserNodeForSequenceNode(sequence).GetProxyNode(sequence)
