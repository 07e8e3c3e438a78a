"""What the slice views show of PET Hypoxia: hypoxic voxels stand out, the anatomy is seen, nothing is saturated."""

from enum import Enum
from types import SimpleNamespace

import numpy as np
import pytest
from HER2ImmunoCommonLib import charts

TUMOUR_RED = (0.85, 0.25, 0.25)
TELLING = 40.0
"""Distance in CIE L*a*b* at which two colours are told apart at a glance; 2 is just seen."""


class Ratio(Enum):
    TMR = 1


class Norm(Enum):
    BODY_WEIGHT = "bw"


class Choices(SimpleNamespace):
    """What the module's parameter node holds, without the application's wrapper around it."""

    replaceRow = ""

    def StartModify(self):
        return 0

    def EndModify(self, was):
        return was


def lab(colours):
    """CIE L*a*b* (n, 3) of sRGB colours (n, 3), white D65."""
    rgb = np.atleast_2d(np.asarray(colours, float))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=-1)


@pytest.fixture
def chosen(scene, visits):
    """Everything chosen for the baseline."""
    from QuantDCELib.scene.series_nodes import shown_volume

    visit = visits["baseline"]
    of_name = visit.regions.GetSegmentation().GetSegmentIdBySegmentName
    results = ("suvVolume", "ratioVolume", "hypoxicSegmentation", "measuresTable", "sweepTable", "sweepChart")
    return Choices(
        petVolume=visit.pet,
        anatomyVolume=shown_volume(visit.dynamic),
        answers=(),
        segmentation=visit.regions,
        segmentId=of_name("Tumour"),
        referenceSegmentation=visit.regions,
        referenceSegmentId=of_name("Muscle"),
        ratio=Ratio.TMR,
        tmrThreshold=1.4,
        tbrThreshold=1.2,
        norm=Norm.BODY_WEIGHT,
        visit="baseline",
        day=0.0,
        measurementTable=None,
        sweep="1.2, 1.4, 1.7",
        minimumReferenceVolume=1.0,
        maximumReferenceVariation=25.0,
        hypoxicSegmentId="",
        hypoxicPreview=None,
        **dict.fromkeys(results),
    )


@pytest.fixture
def measured(scene, chosen):
    """The same with the results of a run."""
    return measure_again(scene, chosen)


def measure_again(scene, chosen):
    from PETHypoxiaLib.analysis.examination import measure
    from PETHypoxiaLib.scene.gathering import gather
    from PETHypoxiaLib.scene.publishing import publish

    request = gather(chosen)
    publish(scene, chosen, request, measure(request))
    return chosen


def saturated(view, node):
    """Share of the voxels of a volume, seen in this slice, that have the colour of the top of its window."""
    display = node.GetDisplayNode()
    from HER2ImmunoCommonLib.scene import volume_from_node

    volume = volume_from_node(node)
    index = np.linalg.inv(volume.ijk_to_ras) @ (0.0, 0.0, view.node.GetSliceOffset(), 1.0)
    values = volume.array[round(index[2])]
    seen = values[np.isfinite(values)]
    return np.mean(seen >= display.GetWindowLevelMax())


def test_hypoxic_voxels_stand_out_from_tumour_and_map():
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from HER2ImmunoCommonLib.scene import map_rgb
    from PETHypoxiaLib.scene.views import HYPOXIC

    others = [TUMOUR_RED, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.5, 0.5, 0.5), *map_rgb(np.linspace(0, 1, 64))]
    assert np.linalg.norm(lab(others) - lab(HYPOXIC), axis=1).min() > TELLING


def test_the_colours_of_maps_grow_lighter_evenly():
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from HER2ImmunoCommonLib.scene import map_rgb

    lightness = lab(map_rgb(np.linspace(0, 1, 65)))[:, 0]
    steps = np.diff(lightness)
    assert lightness[0] < 2
    assert lightness[-1] > 95
    assert steps.min() > 0.5 * steps.mean()


@pytest.mark.skipif(not charts.can_draw(), reason=charts.NO_OPENGL)
def test_the_ratio_map_is_seen_with_its_hypoxic_part_and_the_sweep(scene, view, measured, photograph):
    from PETHypoxiaLib.scene.views import HYPOXIC, show_ratio

    layout = scene.AddNewNodeByClass("vtkMRMLLayoutNode")
    layout.SetViewArrangement(layout.SlicerLayoutFourUpView)
    plot = scene.AddNewNodeByClass("vtkMRMLPlotViewNode")
    show_ratio(measured)
    photograph("seen_ratio")
    assert view.layers.GetForegroundVolumeID() == measured.ratioVolume.GetID()
    assert view.layers.GetBackgroundVolumeID() == measured.suvVolume.GetID()
    assert view.layers.GetLabelVolumeID() is None
    assert plot.GetPlotChartNodeID() == measured.sweepChart.GetID()
    assert layout.GetViewArrangement() != layout.SlicerLayoutFourUpView
    segment = measured.segmentation.GetSegmentation().GetSegment(measured.hypoxicSegmentId)
    np.testing.assert_allclose(segment.GetColor(), HYPOXIC, atol=0.01)
    cyan = np.abs(view.pixels().astype(float) - 255 * np.array(HYPOXIC)).max(axis=2) < 40
    assert cyan.sum() > 40
    assert saturated(view, measured.ratioVolume) < 0.02


def test_a_second_run_is_shown_where_the_first_was(scene, view, measured):
    from HER2ImmunoCommonLib.scene import has_legend
    from PETHypoxiaLib.scene.views import show_ratio

    plot = scene.AddNewNodeByClass("vtkMRMLPlotViewNode")
    show_ratio(measured)
    ratio, chart = measured.ratioVolume.GetID(), measured.sweepChart.GetID()
    measured.tmrThreshold = 1.7
    measure_again(scene, measured)
    assert measured.ratioVolume.GetID() != ratio
    assert view.layers.GetForegroundVolumeID() == measured.ratioVolume.GetID()
    assert has_legend(measured.ratioVolume)
    assert measured.sweepChart.GetID() != chart
    assert plot.GetPlotChartNodeID() == measured.sweepChart.GetID()


def test_suv_and_ratio_say_their_quantity_and_unit(measured):
    def codes(node):
        quantity, units = node.GetVoxelValueQuantity(), node.GetVoxelValueUnits()
        return quantity.GetCodeValue(), quantity.GetCodingSchemeDesignator(), units.GetCodeValue()

    assert codes(measured.suvVolume) == ("126401", "DCM", "{SUVbw}g/ml")
    assert codes(measured.ratioVolume)[2] == "1"
    assert measured.ratioVolume.GetVoxelValueQuantity().GetCodeMeaning() == "TMR"


def test_outlines_of_a_result_are_those_it_was_made_from(measured, visits, view):
    from PETHypoxiaLib.scene.views import show_ratio

    measured.segmentation = visits["day_7"].regions
    show_ratio(measured)
    assert visits["baseline"].regions.GetDisplayNode().GetVisibility2D()
    assert not visits["day_7"].regions.GetDisplayNode().GetVisibility2D()


def test_the_preview_is_painted_when_the_threshold_moves_and_taken_away_by_a_map(view, measured, photograph):
    from HER2ImmunoCommonLib.scene import segment_mask, volume_from_node
    from PETHypoxiaLib.hypoxia.preview import preview
    from PETHypoxiaLib.scene.overlay import show_preview
    from PETHypoxiaLib.scene.views import show_pet_volume, show_ratio

    pet, reference = measured.petVolume, 0.0
    mask = segment_mask(measured.segmentation, measured.segmentId, pet)
    muscle = segment_mask(measured.referenceSegmentation, measured.referenceSegmentId, pet)
    reference = float(volume_from_node(pet).array[muscle].mean())
    found = preview(volume_from_node(pet), mask, reference)
    show_pet_volume(measured)
    photograph("seen_pet")
    show_preview(measured, found, 1.4)
    photograph("seen_preview")
    painted = measured.hypoxicPreview.GetID()
    assert view.layers.GetLabelVolumeID() == painted
    show_ratio(measured)
    show_preview(measured, found, 1.4)
    assert view.layers.GetLabelVolumeID() is None
    show_preview(measured, found, 1.5)
    assert view.layers.GetLabelVolumeID() == painted


@pytest.mark.parametrize("state", ["before", "after"])
@pytest.mark.skipif(not charts.can_draw(), reason=charts.NO_OPENGL)
def test_pet_over_mr_shows_both_without_saturation(view, chosen, request, state, photograph):
    import slicer
    from HER2ImmunoCommonLib.scene import show_images
    from PETHypoxiaLib.scene.views import show_fusion, show_pet_volume

    if state == "after":
        request.getfixturevalue("measured")
    anatomy = chosen.anatomyVolume
    show_images(anatomy.GetScene(), anatomy, chosen.segmentation)
    window = anatomy.GetDisplayNode().GetWindowLevelMin(), anatomy.GetDisplayNode().GetWindowLevelMax()
    alone = view.pixels().astype(float)
    show_fusion(chosen)
    photograph(f"seen_fusion_{state}")
    over = chosen.ratioVolume if state == "after" else chosen.petVolume
    assert view.layers.GetForegroundVolumeID() == over.GetID()
    assert view.layers.GetBackgroundVolumeID() == anatomy.GetID()
    assert saturated(view, over) < 0.02
    assert window == (anatomy.GetDisplayNode().GetWindowLevelMin(), anatomy.GetDisplayNode().GetWindowLevelMax())
    both, grey = view.pixels().astype(float).mean(axis=2), alone.mean(axis=2)
    body = grey > 20
    assert np.corrcoef(both[body], grey[body])[0, 1] > 0.5
    tumour = slicer.util.arrayFromVolume(over).max()
    assert over.GetDisplayNode().GetWindowLevelMax() >= 0.5 * tumour
    show_pet_volume(chosen)
    assert chosen.petVolume.GetDisplayNode().GetColorNodeID() == "vtkMRMLColorTableNodeInvertedGrey"
    assert view.layers.GetForegroundVolumeID() is None


def test_the_window_of_pet_comes_from_body_and_tumour():
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from PETHypoxiaLib.scene.views import pet_window

    body = np.concatenate([np.zeros(5000), np.linspace(0.5, 1.5, 1000)])
    assert pet_window(body, np.array([1.0, 2.3])) == (0.0, 2.5)
    low, high = pet_window(body, np.empty(0))
    assert low == 0.0
    assert high == 1.5
    assert pet_window(np.zeros(10), np.empty(0)) == (0.0, 1.0)


def test_the_reference_point_has_no_words_over_the_image(standalone):
    from HER2ImmunoCommonLib.scene import new_point

    display = new_point(standalone.scene, "Reference sphere").GetDisplayNode()
    assert not display.GetPointLabelsVisibility()
    assert not display.GetVisibility3D()
    assert display.GetVisibility()
    assert display.GetVisibility2D()
