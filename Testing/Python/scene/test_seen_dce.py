"""What the slice views show of Quant DCE: a map by itself, its whole rim, its legend, the tumour in the middle."""

from types import SimpleNamespace

import numpy as np
import pytest
from HER2ImmunoCommonLib import charts
from HER2ImmunoCommonLib.measurements import Measurement
from QuantDCELib.analysis.pipeline import analyse
from QuantDCELib.analysis.settings import DceSettings


class Patient:
    """The visits of the small virtual patient and what Quant DCE found in each."""

    def __init__(self, scene, visits):
        self.scene, self.visits, self.nodes = scene, visits, {}

    def parameters(self, name):
        visit = self.visits[name]
        if name not in self.nodes:
            self.nodes[name] = self.scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", f"QuantDCE {name}")
        node = self.nodes[name]
        chosen = dict.fromkeys(("arterySegmentation", "referenceSegmentation", "measurements", "aifTable"))
        chosen |= dict.fromkeys(("t1Map", "m0Map"))
        return SimpleNamespace(
            parameterNode=node, dynamic=visit.dynamic, segmentation=visit.regions, StartModify=lambda: 0, **chosen
        )

    def analysed(self, name, day):
        """The map nodes of a visit, by name."""
        from HER2ImmunoCommonLib.scene import segment_mask
        from QuantDCELib.scene.frames import time_axis_of
        from QuantDCELib.scene.gathering import Request
        from QuantDCELib.scene.maps import MAP_ATTRIBUTE
        from QuantDCELib.scene.publishing import publish
        from QuantDCELib.scene.results import maps_of
        from QuantDCELib.scene.series_nodes import dynamic_from_node

        visit = self.visits[name]
        mask = segment_mask(visit.regions, tumour_of(visit), visit.dynamic.GetNthDataNode(0))
        images = dynamic_from_node(visit.dynamic, time_axis_of(visit.dynamic))
        settings = DceSettings(model="tofts", t10_s=1.4, arrival_s=30.0)
        result = analyse(images, settings, tumour_mask=mask)
        names = {"dynamic_node": name, "tumour_segment": tumour_of(visit)}
        parameters = self.parameters(name)
        publish(self.scene, parameters, Request(None, settings, mask, Measurement(name, day), names), result)
        return {node.GetAttribute(MAP_ATTRIBUTE): node for node in maps_of(parameters.dynamic)}


def tumour_of(visit):
    segmentation = visit.regions.GetSegmentation()
    return segmentation.GetSegmentIdBySegmentName("Tumour")


@pytest.fixture
def patient(scene, visits):
    return Patient(scene, visits)


@pytest.fixture
def maps(patient):
    return patient.analysed("baseline", 0.0)


def legends_seen(scene):
    kind = "vtkMRMLColorLegendDisplayNode"
    nodes = [scene.GetNthNodeByClass(n, kind) for n in range(scene.GetNumberOfNodesByClass(kind))]
    return [node.GetTitleText() for node in nodes if node.GetVisibility()]


def centre_of(node):
    from HER2ImmunoCommonLib.scene import map_centre

    return map_centre(node)


def closer(view, point):
    width, height, depth = view.node.GetFieldOfView()
    view.node.SetFieldOfView(width / 4, height / 4, depth)
    view.node.JumpSliceByCentering(*point)


@pytest.mark.skipif(not charts.can_draw(), reason=charts.NO_OPENGL)
def test_ktrans_is_seen_to_its_rim_in_its_own_colours(view, visits, maps, photograph):
    """Every voxel with a value near the middle of the slice has the colour that its value has in the table."""
    import slicer
    from HER2ImmunoCommonLib.scene import map_rgb, volume_from_node
    from QuantDCELib.scene.show import show_result, show_series

    ktrans = maps["Ktrans"]
    show_series(visits["baseline"].dynamic)
    photograph("seen_late_frame")
    show_result(ktrans, None)
    photograph("seen_ktrans")
    closer(view, centre_of(ktrans))
    photograph("seen_ktrans_close")
    visits["baseline"].regions.GetDisplayNode().SetVisibility(False)  # outlines lie on the rim
    seen, volume = view.pixels(), volume_from_node(ktrans)
    k = round((np.linalg.inv(volume.ijk_to_ras) @ (*centre_of(ktrans), 1.0))[2])
    high = ktrans.GetDisplayNode().GetWindowLevelMax()
    rows = np.argwhere(np.isfinite(volume.array[k]))
    assert len(rows) > 10
    for j, i in rows:
        row, column = view.pixel_of((volume.ijk_to_ras @ (i, j, k, 1.0))[:3])
        value = min(max(volume.array[k, j, i] / high, 0.0), 1.0)
        np.testing.assert_allclose(seen[row, column] / 255, map_rgb([value])[0], atol=0.03)
    assert not slicer.vtkMRMLScalarVolumeDisplayNode.SafeDownCast(ktrans.GetDisplayNode()).GetInterpolate()


def test_one_layer_after_any_order_of_maps_and_labels(scene, view, maps, photograph):
    from QuantDCELib.scene.show import show_result

    ftv, ser, layers = maps["FTV"], maps["SER"], view.layers
    show_result(maps["Ktrans"], None)
    show_result(ftv, None)
    photograph("seen_ftv")
    assert (layers.GetForegroundVolumeID(), layers.GetLabelVolumeID()) == (None, ftv.GetID())
    assert legends_seen(scene) == ["Functional tumour volume"]
    show_result(maps["status"], None)
    photograph("seen_status")
    show_result(ftv, None)
    show_result(ser, None)
    photograph("seen_ser_after_ftv")
    assert (layers.GetForegroundVolumeID(), layers.GetLabelVolumeID()) == (ser.GetID(), None)
    assert layers.GetForegroundOpacity() == 1.0
    assert legends_seen(scene) == ["SER"]


def test_the_maps_of_each_visit_lie_on_its_own_images_in_its_own_outlines(scene, view, visits, patient, maps):
    """Whatever is chosen in the panel by now, a map of day 7 is not laid over the baseline's images."""
    from QuantDCELib.scene.series_nodes import shown_volume
    from QuantDCELib.scene.show import show_result

    later = patient.analysed("day_7", 7.0)
    first, second = visits["baseline"], visits["day_7"]
    for shown, other, found in ((second, first, later), (first, second, maps)):
        shown.regions.GetDisplayNode().SetVisibility3D(True)
        show_result(found["Ktrans"], other.dynamic)
        assert view.layers.GetBackgroundVolumeID() == shown_volume(shown.dynamic).GetID()
        display = shown.regions.GetDisplayNode()
        assert display.GetVisibility()
        assert display.GetVisibility2D()
        assert display.GetVisibility3D()
        assert not display.GetVisibility2DFill()
        assert display.GetVisibility2DOutline()
        assert display.GetOpacity2DOutline() == 1.0
        assert not other.regions.GetDisplayNode().GetVisibility2D()
        assert other.regions.GetDisplayNode().GetVisibility3D()


def test_a_slice_lies_in_the_middle_of_the_tumour_also_under_a_transform(scene, view, visits, maps):
    import slicer
    from QuantDCELib.scene.series_nodes import shown_volume
    from QuantDCELib.scene.show import show_result

    baseline, away = visits["baseline"], np.eye(4)
    away[:3, 3] = 0.0, 15.0, -40.0
    before = centre_of(maps["Ktrans"])
    show_result(maps["Ktrans"], None)
    assert view.node.GetSliceOffset() == pytest.approx(before[2], abs=2.1)
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    slicer.util.updateTransformMatrixFromArray(transform, away)
    for node in (baseline.regions, shown_volume(baseline.dynamic), maps["Ktrans"]):
        node.SetAndObserveTransformNodeID(transform.GetID())
    show_result(maps["Ktrans"], None)
    assert view.node.GetSliceOffset() == pytest.approx(before[2] - 40.0, abs=2.1)
    row, column = view.pixel_of(before + away[:3, 3])
    assert 0 <= row < view.node.GetDimensions()[1]
    assert 0 <= column < view.node.GetDimensions()[0]


def test_each_map_says_its_quantity_and_unit_through_a_saved_scene(scene, view, maps, tmp_path):
    import slicer
    from HER2ImmunoCommonLib.scene.standalone import load_mrb, save_mrb
    from QuantDCELib.scene.maps import MAP_ATTRIBUTE
    from QuantDCELib.scene.show import show_result

    show_result(maps["Ktrans"], None)
    save_mrb(scene, tmp_path / "scene.mrb")
    scene.Clear(0)
    load_mrb(scene, tmp_path / "scene.mrb")
    nodes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    found = {node.GetAttribute(MAP_ATTRIBUTE): node for node in nodes if node.GetAttribute(MAP_ATTRIBUTE)}
    codes = {
        name: (node.GetVoxelValueQuantity().GetCodeMeaning(), node.GetVoxelValueUnits().GetCodeValue())
        for name, node in found.items()
    }
    assert codes["Ktrans"] == ("Ktrans", "/min")
    assert codes["ve"] == ("ve", "1")
    assert codes["IAUGC60"] == ("IAUGC60", "mmol/L.s")
    assert codes["PE"] == ("Early enhancement", "%")
    assert codes["TTP"] == ("Time to peak", "s")
    assert all(meaning and unit for meaning, unit in codes.values())
    assert legends_seen(scene) == ["Ktrans (1/min)"]
    colours = found["Ktrans"].GetDisplayNode().GetColorNode()
    darkest, brightest = np.zeros(4), np.zeros(4)
    colours.GetColor(0, darkest), colours.GetColor(255, brightest)
    assert darkest[:3].max() < 0.05 < 0.7 < brightest[:3].min()
    assert not found["Ktrans"].GetDisplayNode().GetInterpolate()
    bins = found["FTV"].GetDisplayNode().GetColorNode()
    bins.GetColor(0, darkest)
    assert darkest[3] == 0
    assert not bins.GetColorDefined(0)
    assert bins.GetColorName(1) == "SER 0 to 0.9"


def test_a_second_run_is_shown_where_the_first_was(view, patient, maps):
    from HER2ImmunoCommonLib.scene import has_legend
    from QuantDCELib.scene.show import show_result

    show_result(maps["Ktrans"], None)
    again = patient.analysed("baseline", 0.0)
    assert again["Ktrans"] is not maps["Ktrans"]
    assert view.layers.GetForegroundVolumeID() == again["Ktrans"].GetID()
    assert has_legend(again["Ktrans"])


def test_colours_are_made_once_and_legends_go_with_their_maps(scene, view, maps):
    from HER2ImmunoCommonLib.scene import map_colours, remove_from_folders
    from QuantDCELib.scene.maps import CODES
    from QuantDCELib.scene.show import show_result

    tables = {node.GetDisplayNode().GetColorNodeID() for name, node in maps.items() if name not in CODES}
    assert tables == {map_colours(scene).GetID()}
    show_result(maps["Ktrans"], None)
    show_result(maps["status"], None)
    remove_from_folders(scene, list(maps.values()))
    assert scene.GetNumberOfNodesByClass("vtkMRMLColorLegendDisplayNode") == 0


@pytest.mark.skipif(not charts.can_draw(), reason=charts.NO_OPENGL)
def test_a_chosen_series_is_seen_alone_at_its_late_frame(view, visits, maps, photograph):
    from QuantDCELib.scene.series_nodes import shown_volume
    from QuantDCELib.scene.show import show_result, show_series
    from QuantDCELib.scene.time_frames import shown_frame

    show_result(maps["Ktrans"], None)
    later = visits["day_7"].dynamic
    show_series(later, visits["day_7"].regions)
    assert view.layers.GetBackgroundVolumeID() == shown_volume(later).GetID()
    assert (view.layers.GetForegroundVolumeID(), view.layers.GetLabelVolumeID()) == (None, None)
    assert not visits["baseline"].regions.GetDisplayNode().GetVisibility2D()
    assert visits["day_7"].regions.GetDisplayNode().GetVisibility2D()
    assert shown_frame(later) == 11  # contrast agent, given at 30 s, is first seen at 45 s; two minutes are 8 frames
    grey = view.pixels()[:, :, 0]
    assert np.mean(grey == 255) < 0.05
    assert np.ptp(grey) > 200


def test_a_series_without_a_tumour_hides_the_segments_of_other_visits(view, visits):
    from QuantDCELib.scene.show import show_series

    def seen():
        return {name for name, visit in visits.items() if visit.regions.GetDisplayNode().GetVisibility2D()}

    for name in ("baseline", "day_7"):
        show_series(visits[name].dynamic)
        assert seen() == {name}


def test_a_frame_is_shown_and_subtracted_beside_its_series(scene, view, visits, photograph):
    import slicer
    from HER2ImmunoCommonLib.errors import InputError
    from HER2ImmunoCommonLib.scene import all_or_nothing, show_images
    from QuantDCELib.scene.series_nodes import shown_volume
    from QuantDCELib.scene.time_frames import late_frame, show_frame, shown_frame, subtraction_volume

    series = visits["baseline"].dynamic
    show_frame(series, 3)
    assert shown_frame(series) == 3
    frames = [slicer.util.arrayFromVolume(series.GetNthDataNode(n)).astype(float) for n in range(24)]
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(shown_volume(series)), frames[3])
    with pytest.raises(InputError, match=r"no frame 25; choose one of 1 to 24"):
        show_frame(series, 24)
    shift = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    shown_volume(series).SetAndObserveTransformNodeID(shift.GetID())
    with all_or_nothing(scene) as keep:
        node = subtraction_volume(scene, series, keep)
        assert subtraction_volume(scene, series, keep) is node
    assert node.GetName() == f"{series.GetName()} subtraction"
    assert node.GetTransformNodeID() == shift.GetID()
    expected = frames[late_frame(series)] - np.mean(frames[:3], axis=0)
    np.testing.assert_allclose(slicer.util.arrayFromVolume(node), expected, rtol=1e-4, atol=1e-2)
    show_images(scene, node, visits["baseline"].regions)
    photograph("seen_subtraction")


def test_a_chart_is_put_into_a_plot_view_of_a_layout_that_has_one(scene, patient, maps):
    from HER2ImmunoCommonLib.scene import show_chart

    layout = scene.AddNewNodeByClass("vtkMRMLLayoutNode")
    layout.SetViewArrangement(layout.SlicerLayoutFourUpView)
    plot = scene.AddNewNodeByClass("vtkMRMLPlotViewNode")
    chart, other = (scene.GetNthNodeByClass(n, "vtkMRMLPlotChartNode") for n in (0, 1))
    plot.SetPlotChartNodeID(other.GetID())
    show_chart(scene, chart)
    assert plot.GetPlotChartNodeID() == chart.GetID()
    assert layout.GetViewArrangement() != layout.SlicerLayoutFourUpView
