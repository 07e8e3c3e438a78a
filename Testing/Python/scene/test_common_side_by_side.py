"""Maps side by side: a view each, in one plane and place, linked, each with its legend; and what it leaves alone."""

import numpy as np
import pytest
from HER2ImmunoCommonLib import charts
from HER2ImmunoCommonLib.geometry import Volume

SHAPE = (10, 40, 44)
AXIAL = np.diag([-2.0, -2.0, 4.0, 1.0])
SAGITTAL = np.array([[0, 0, 3.0, -15], [-2, 0, 0, 40], [0, -2, 0, 40], [0, 0, 0, 1.0]])
CORONAL = np.array([[-2.0, 0, 0, 40], [0, 0, 3, -15], [0, -2, 0, 40], [0, 0, 0, 1]])
NAMES = ("Ktrans", "ve", "vp", "IAUGC60", "PE", "SER")
CONVENTIONAL = 2


class Examination:
    """Images with a tumour, and maps that have values in it alone."""

    def __init__(self, scene, ijk_to_ras=AXIAL):
        from HER2ImmunoCommonLib.scene import add_segment, node_from_volume

        rows = np.arange(np.prod(SHAPE), dtype=np.float32).reshape(SHAPE)
        self.images = node_from_volume(scene, Volume(rows % 97, ijk_to_ras), "MR")
        self.images.CreateDefaultDisplayNodes()
        self.mask = np.zeros(SHAPE, bool)
        self.mask[4:8, 12:22, 24:36] = True
        self.regions = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
        self.regions.CreateDefaultDisplayNodes()
        self.tumour = add_segment(self.regions, self.mask, "tumour", self.images)
        self.maps = [self._map(scene, name, n, ijk_to_ras) for n, name in enumerate(NAMES)]
        self.scene = scene

    def _map(self, scene, name, n, ijk_to_ras):
        from HER2ImmunoCommonLib.scene import map_colours, node_from_volume, set_colours, set_quantity

        i = np.indices(SHAPE)[2]
        values = np.where(self.mask, 0.02 + 0.04 * (i - 24) + 0.01 * n, np.nan)
        node = node_from_volume(scene, Volume(values, ijk_to_ras), name)
        set_quantity(node, name, "1/min" if name == "Ktrans" else "")
        set_colours(node, map_colours(scene).GetID(), 0.0, 0.5)
        return node

    def show(self, *numbers):
        from HER2ImmunoCommonLib.scene import show_side_by_side

        maps = [self.maps[n] for n in numbers]
        show_side_by_side(self.scene, maps, self.images, self.regions, self.tumour)


@pytest.fixture
def layout(standalone):
    """The layout of the application with its logic, and a person's own choice in it."""
    import slicer

    logic = slicer.vtkMRMLLayoutLogic()
    logic.SetMRMLScene(standalone.scene)
    logic.GetLayoutNode().SetViewArrangement(CONVENTIONAL)
    yield logic
    logic.SetMRMLScene(None)


def names_in(layout):
    nodes = layout.GetViewNodes()
    return [nodes.GetItemAsObject(n).GetLayoutName() for n in range(nodes.GetNumberOfItems())]


def plane(scene, n):
    return scene.GetNodeByID(f"vtkMRMLSliceNodeMap {n}")


def layers(scene, n):
    return scene.GetNodeByID(f"vtkMRMLSliceCompositeNodeMap {n}")


def place(view):
    import slicer

    return (*slicer.util.arrayFromVTKMatrix(view.GetSliceToRAS()).ravel().round(6), *np.round(view.GetFieldOfView(), 6))


def legends(scene):
    """Title of each legend that is seen, and the views it is kept to."""
    import slicer

    found = {}
    for each in slicer.util.getNodesByClass("vtkMRMLColorLegendDisplayNode", scene):
        if each.GetVisibility():
            found[each.GetTitleText()] = [each.GetNthViewNodeID(n) for n in range(each.GetNumberOfViewNodeIDs())]
    return found


def test_each_map_has_a_view_with_its_legend_over_the_images(scene, layout):
    from HER2ImmunoCommonLib.scene import maps_side_by_side

    shown = Examination(scene)
    shown.show(0, 1, 3)
    assert names_in(layout) == ["Map 1", "Map 2", "Map 3"]
    assert maps_side_by_side(scene) == [shown.maps[n] for n in (0, 1, 3)]
    for n, node in enumerate((shown.maps[0], shown.maps[1], shown.maps[3]), start=1):
        assert layers(scene, n).GetForegroundVolumeID() == node.GetID()
        assert layers(scene, n).GetBackgroundVolumeID() == shown.images.GetID()
        assert layers(scene, n).GetForegroundOpacity() == 1.0
        assert (layers(scene, n).GetLinkedControl(), layers(scene, n).GetHotLinkedControl()) == (1, 1)
        assert plane(scene, n).GetLayoutLabel() == NAMES[(0, 1, 3)[n - 1]]
    assert legends(scene) == {
        "Ktrans (1/min)": [plane(scene, 1).GetID()],
        "ve": [plane(scene, 2).GetID()],
        "IAUGC60": [plane(scene, 3).GetID()],
    }
    assert not shown.regions.GetDisplayNode().GetVisibility2DFill()


@pytest.mark.parametrize(("count", "rows"), [(1, [1]), (2, [2]), (3, [3]), (4, [2, 2]), (5, [3, 2]), (6, [3, 3])])
def test_rows_have_at_most_three_views(scene, count, rows):
    from xml.etree import ElementTree

    from HER2ImmunoCommonLib.scene.side_by_side import MAPS

    lines = ElementTree.fromstring(MAPS.description(count)).findall("item/layout")
    assert [len(line.findall("item/view")) for line in lines] == rows


@pytest.mark.parametrize(
    ("ijk_to_ras", "orientation"), [(AXIAL, "Axial"), (SAGITTAL, "Sagittal"), (CORONAL, "Coronal")]
)
def test_the_plane_is_that_of_acquisition_through_the_tumour(scene, layout, ijk_to_ras, orientation):
    shown = Examination(scene, ijk_to_ras)
    shown.show(0, 1, 2, 3)
    centre = (ijk_to_ras @ (29.5, 16.5, 5.5, 1.0))[:3]
    for n in range(1, 5):
        assert plane(scene, n).GetOrientation() == orientation
        assert place(plane(scene, n)) == place(plane(scene, 1))
    to_slice = np.linalg.inv(np.reshape(place(plane(scene, 1))[:16], (4, 4)))
    np.testing.assert_allclose((to_slice @ (*centre, 1.0))[:3], 0.0, atol=1e-6)
    width, height = plane(scene, 1).GetFieldOfView()[:2]
    assert 12 * 2.0 < width < 44 * 2.0
    assert 10 * 2.0 < height < 44 * 2.0


def test_moving_one_view_moves_the_others_and_no_view_of_another_layout(scene, standalone, layout):
    import slicer

    shown = Examination(scene)
    red = scene.GetNodeByID("vtkMRMLSliceNodeRed")
    shown.show(0, 1, 2)
    link = slicer.vtkMRMLSliceLinkLogic()
    link.SetMRMLApplicationLogic(standalone.application_logic)
    link.SetMRMLScene(scene)
    views = [slicer.vtkMRMLSliceLogic() for _ in range(3)]
    for n, view in enumerate(views, start=1):
        view.SetMRMLApplicationLogic(standalone.application_logic)
        view.SetMRMLScene(scene)
        view.SetSliceNode(plane(scene, n))
    before = place(red)
    views[0].StartSliceOffsetInteraction()
    views[0].SetSliceOffset(plane(scene, 1).GetSliceOffset() + 4.0)
    views[0].EndSliceOffsetInteraction()
    assert plane(scene, 3).GetSliceOffset() == plane(scene, 1).GetSliceOffset()
    assert place(red) == before
    link.SetMRMLScene(None)
    for view in views:
        view.SetMRMLScene(None)


def test_other_maps_come_to_where_a_person_has_gone(scene, layout):
    shown = Examination(scene)
    shown.show(0, 1)
    for n in (1, 2):
        plane(scene, n).SetSliceOffset(8.0)
        plane(scene, n).SetFieldOfView(30, 30, 1)
    shown.show(0, 1, 2, 3)
    assert {place(plane(scene, n)) for n in range(1, 5)} == {place(plane(scene, 1))}
    assert plane(scene, 4).GetSliceOffset() == 8.0
    assert plane(scene, 4).GetFieldOfView()[0] == 30.0


def test_the_layout_of_before_comes_back_with_the_one_legend(scene, layout, view):
    from HER2ImmunoCommonLib.scene import end_side_by_side, is_side_by_side, show_map

    shown = Examination(scene)
    show_map(scene, shown.maps[1], shown.images, shown.regions)
    shown.show(0, 1)
    shown.show(0, 1, 2)
    assert view.layers.GetForegroundVolumeID() == shown.maps[1].GetID()
    end_side_by_side(scene)
    assert not is_side_by_side(scene)
    assert layout.GetLayoutNode().GetViewArrangement() == CONVENTIONAL
    assert legends(scene) == {"ve": []}
    end_side_by_side(scene)
    assert legends(scene) == {"ve": []}


def test_another_layout_that_a_person_chose_stays(scene, layout):
    from HER2ImmunoCommonLib.scene import end_side_by_side

    shown = Examination(scene)
    shown.show(0, 1)
    layout.GetLayoutNode().SetViewArrangement(layout.GetLayoutNode().SlicerLayoutFourUpView)
    end_side_by_side(scene)
    assert layout.GetLayoutNode().GetViewArrangement() == layout.GetLayoutNode().SlicerLayoutFourUpView
    assert legends(scene) == {}


def test_one_map_alone_or_images_take_their_place(scene, layout, view):
    from HER2ImmunoCommonLib.scene import is_side_by_side, show_images, show_map

    shown = Examination(scene)
    shown.show(0, 1)
    show_map(scene, shown.maps[0], shown.images)
    assert not is_side_by_side(scene)
    assert legends(scene) == {"Ktrans (1/min)": []}
    shown.show(0, 1)
    show_images(scene, shown.images)
    assert not is_side_by_side(scene)
    assert legends(scene) == {}


def test_a_second_run_is_shown_where_the_first_was(scene, layout):
    from HER2ImmunoCommonLib.scene import maps_side_by_side, remove_from_folders, take_place

    shown, again = Examination(scene), Examination(scene)
    shown.show(0, 1)
    for old, new in zip(shown.maps, again.maps, strict=True):
        take_place(old, new)
    remove_from_folders(scene, shown.maps)
    assert maps_side_by_side(scene) == again.maps[:2]
    assert legends(scene) == {"Ktrans (1/min)": [plane(scene, 1).GetID()], "ve": [plane(scene, 2).GetID()]}


def test_labels_and_more_maps_than_views(scene, layout):
    from HER2ImmunoCommonLib.scene import maps_side_by_side, node_from_volume, show_side_by_side

    shown = Examination(scene)
    labels = node_from_volume(scene, Volume(shown.mask.astype(np.uint8), AXIAL), "FTV", labels=True)
    show_side_by_side(scene, [labels, *shown.maps], shown.images)
    assert maps_side_by_side(scene) == [labels, *shown.maps[:5]]
    assert (layers(scene, 1).GetForegroundVolumeID(), layers(scene, 1).GetLabelVolumeID()) == (None, labels.GetID())
    assert (layers(scene, 2).GetForegroundVolumeID(), layers(scene, 2).GetLabelVolumeID()) == (
        shown.maps[0].GetID(),
        None,
    )


def test_without_a_layout_the_views_are_set_all_the_same(scene):
    from HER2ImmunoCommonLib.scene import end_side_by_side, is_side_by_side

    shown = Examination(scene)
    shown.show(0, 1)
    assert layers(scene, 2).GetForegroundVolumeID() == shown.maps[1].GetID()
    assert not is_side_by_side(scene)
    end_side_by_side(scene)


def test_a_scene_saved_in_it_opens_in_it_in_a_new_session(scene, layout, tmp_path):
    """A scene keeps the number of its layout, and not what that is."""
    import slicer
    from HER2ImmunoCommonLib.scene import end_side_by_side, is_side_by_side, maps_side_by_side, register_layouts
    from HER2ImmunoCommonLib.scene.standalone import StandaloneScene, load_mrb, save_mrb

    shown = Examination(scene)
    shown.show(0, 1, 2)
    save_mrb(scene, tmp_path / "scene.mrb")
    other = StandaloneScene()
    other.activate()
    logic = slicer.vtkMRMLLayoutLogic()
    logic.SetMRMLScene(other.scene)
    logic.GetLayoutNode().SetViewArrangement(4)
    load_mrb(other.scene, tmp_path / "scene.mrb")
    register_layouts(other.scene)
    assert is_side_by_side(other.scene)
    assert names_in(logic) == ["Map 1", "Map 2", "Map 3"]
    assert [node.GetName() for node in maps_side_by_side(other.scene)] == list(NAMES[:3])
    assert set(legends(other.scene)) == {"Ktrans (1/min)", "ve", "vp"}
    end_side_by_side(other.scene)
    assert logic.GetLayoutNode().GetViewArrangement() == CONVENTIONAL
    logic.SetMRMLScene(None)
    other.close()


@pytest.mark.skipif(not charts.can_draw(), reason=charts.NO_OPENGL)
def test_every_view_draws_its_own_map_and_legend_alone(scene, standalone, layout, tmp_path):
    from HER2ImmunoCommonLib.scene import map_rgb
    from slice_pictures import SliceView, picture_folder

    shown = Examination(scene)
    views = [SliceView(scene, standalone.application_logic, f"Map {n}", size=(360, 300)) for n in (1, 2)]
    shown.show(0, 1)
    for n, view in enumerate(views):
        view.save(picture_folder(tmp_path) / f"side_by_side_{n + 1}.png")
    shown.regions.GetDisplayNode().SetVisibility(False)
    for n, view in enumerate(views):
        seen = view.pixels()
        for i in (26, 30, 34):
            row, column = view.pixel_of((AXIAL @ (i, 16, 5, 1.0))[:3])
            value = (0.02 + 0.04 * (i - 24) + 0.01 * n) / 0.5
            np.testing.assert_allclose(seen[row, column] / 255, map_rgb([min(value, 1.0)])[0], atol=0.03)
        view.close()
