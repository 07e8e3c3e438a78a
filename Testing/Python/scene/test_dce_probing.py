"""Single voxels and one slice in the scene: read from the frames, where the series lies, as long as they are those."""

from types import SimpleNamespace

import numpy as np
import pytest
from dce_examination import IJK_TO_RAS, SHAPE, TIME_S, TUMOUR, examination, images
from HER2ImmunoCommonLib import charts
from HER2ImmunoCommonLib.chart_spec import Line, Points, Span
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.measurements import Measurement
from QuantDCELib.analysis.settings import DceSettings

INSIDE = (2, 4, 5)


def request_of(parameters, array=None, tumour=TUMOUR, **settings):
    """What `gather` gives of the choices of an examination."""
    from QuantDCELib.scene.frames import time_axis_of
    from QuantDCELib.scene.gathering import Request
    from QuantDCELib.scene.series_nodes import dynamic_from_node

    chosen = DceSettings(**{"model": "tofts", "t10_s": 1.4, "arrival_s": 30.0, "baseline": (0, 5)} | settings)
    dynamic = dynamic_from_node(parameters.dynamic, time_axis_of(parameters.dynamic))
    visit, names = Measurement(parameters.visit, parameters.day), {"dynamic_node": parameters.dynamic.GetName()}
    return Request(dynamic, chosen, tumour, visit, names)


@pytest.fixture
def parameters(scene):
    return examination(scene)


@pytest.fixture
def computed(scene, parameters):
    """The result and the probe of a run."""
    from QuantDCELib.scene.probing import Probe
    from QuantDCELib.scene.publishing import publish

    request = request_of(parameters)
    result, voxels = request.analyse_with_probe()
    publish(scene, parameters, request, result)
    return SimpleNamespace(result=result, voxels=voxels, probe=Probe(parameters.dynamic, voxels))


def place(index, matrix=IJK_TO_RAS):
    k, j, i = index
    return (matrix @ (i, j, k, 1.0))[:3]


def moved(scene, node, matrix):
    import slicer

    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Moved")
    vtk_matrix = slicer.util.vtkMatrixFromArray(matrix)
    transform.SetMatrixTransformToParent(vtk_matrix)
    node.SetAndObserveTransformNodeID(transform.GetID())
    return transform


def test_the_voxel_under_a_place_is_that_of_the_maps(parameters, computed):
    array = images().series.array
    for index in map(tuple, np.argwhere(TUMOUR)):
        probed = computed.probe.at(np.add(place(index), (0.7, -0.7, 1.2)))
        assert probed.index == index
        np.testing.assert_array_equal(probed.signal, array[index])
        for name in ("Ktrans", "ve", "kep", "IAUGC60", "rmse", "PE"):
            assert np.array_equal(np.float32(probed.values[name]), computed.result.maps[name][index], equal_nan=True)
    assert computed.probe.series is parameters.dynamic


def test_beside_the_volume_there_is_no_voxel(computed):
    last = place([n - 1 for n in SHAPE])
    assert computed.probe.at(np.add(last, (0.9, 0.9, 1.4))).index == tuple(n - 1 for n in SHAPE)
    for off in ((1.1, 0, 0), (0, 1.1, 0), (0, 0, 1.6), (np.nan, 0, 0)):
        assert computed.probe.at(last + off) is None
        assert computed.probe.at(-np.array(off)) is None


def test_a_series_that_is_moved_is_followed(scene, parameters, computed):
    from QuantDCELib.scene.series_nodes import shown_volume

    turned = np.array([[0.0, -1, 0, 12], [1, 0, 0, -5], [0, 0, 1, 30], [0, 0, 0, 1]])
    transform = moved(scene, shown_volume(parameters.dynamic), turned)
    assert computed.probe.at(place(INSIDE, turned @ IJK_TO_RAS)).index == INSIDE
    transform.SetAndObserveTransformNodeID(moved(scene, transform, turned).GetID())
    assert computed.probe.at(place(INSIDE, turned @ turned @ IJK_TO_RAS)).index == INSIDE


def test_a_series_bent_by_a_transform_is_refused(scene, parameters, computed):
    from QuantDCELib.scene.series_nodes import shown_volume

    bent = scene.AddNewNodeByClass("vtkMRMLBSplineTransformNode", "Bent")
    shown_volume(parameters.dynamic).SetAndObserveTransformNodeID(bent.GetID())
    with pytest.raises(InputError, match="not linear"):
        computed.probe.at(place(INSIDE))


def test_another_frame_that_is_looked_at_changes_nothing(parameters, computed):
    from QuantDCELib.scene.time_frames import show_frame

    before = computed.probe.at(place(INSIDE))
    for frame in (7, 0, 30):
        show_frame(parameters.dynamic, frame)
        np.testing.assert_array_equal(computed.probe.at(place(INSIDE)).signal, before.signal)


def test_frames_that_are_replaced_or_changed_are_noticed(scene, parameters, computed):
    import slicer

    frame = parameters.dynamic.GetNthDataNode(3)
    slicer.util.arrayFromVolume(frame)[INSIDE] *= 2
    slicer.util.arrayFromVolumeModified(frame)
    with pytest.raises(InputError, match="frames of MR have changed"):
        computed.probe.at(place(INSIDE))


def test_a_frame_of_other_values_or_one_less_is_noticed(scene, parameters, computed):
    import slicer

    frame = parameters.dynamic.GetNthDataNode(3)
    slicer.util.updateVolumeFromArray(frame, slicer.util.arrayFromVolume(frame).copy())
    with pytest.raises(InputError, match="compute them again"):
        computed.probe.at(place(INSIDE))
    parameters.dynamic.RemoveDataNodeAtValue("3")
    with pytest.raises(InputError, match="compute them again"):
        computed.probe.at(place(INSIDE))


def test_a_probe_made_later_is_compared_with_the_maps(scene, parameters, computed):
    import slicer
    from QuantDCELib.scene.probing import checked_probe

    again = checked_probe(parameters.dynamic, request_of(parameters).probe())
    assert again.at(place(INSIDE)).values == computed.probe.at(place(INSIDE)).values
    for n in range(10, 60):
        slicer.util.arrayFromVolume(parameters.dynamic.GetNthDataNode(n))[:] *= 1.2
    with pytest.raises(InputError, match="not those of its maps"):
        checked_probe(parameters.dynamic, request_of(parameters).probe())


def test_a_probe_of_results_in_the_scene_needs_results_that_are_not_stale(scene, parameters, computed, monkeypatch):
    from QuantDCELib.scene import probing

    monkeypatch.setattr(probing, "gather", request_of)
    monkeypatch.setattr(probing, "is_stale", lambda _parameters: False)
    assert probing.prepare_probe(parameters).at(place(INSIDE)).fitted_mM.size
    monkeypatch.setattr(probing, "is_stale", lambda _parameters: True)
    with pytest.raises(InputError, match="compute them again"):
        probing.prepare_probe(parameters)
    with pytest.raises(InputError, match="no maps"):
        probing.prepare_probe(examination(scene, "other"))


def items_of(chart, kind):
    return {item.label: item for item in chart.items if isinstance(item, kind)}


def test_the_chart_has_every_frame_once_the_baseline_and_the_fit(computed, tmp_path):
    from QuantDCELib.scene.probing import curve_chart

    chart = curve_chart(computed.probe.at(place(INSIDE)))
    points, (span,) = items_of(chart, Points), items_of(chart, Span).values()
    np.testing.assert_allclose(points["measured"].x, TIME_S / 60)
    low, high = chart.y_range
    assert low < points["measured"].y.min() < points["measured"].y.max() < high
    assert span.x_low == 0.0
    assert TIME_S[4] / 60 < span.x_high < TIME_S[5] / 60
    assert items_of(chart, Line)["fit"].y.max() > 0.1
    assert (chart.title, chart.y_label) == ("Voxel 6, 5 of slice 3", "Concentration (mM)")
    assert "(min)" in chart.x_label


def test_a_voxel_without_signal_shows_its_signal(computed):
    from QuantDCELib.scene.probing import curve_chart, curve_rows

    probed = computed.probe.at(place((2, 2, 3)))
    chart = curve_chart(probed)
    assert chart.y_label == "Signal"
    assert not items_of(chart, Line)
    rows = {row[0]: row[1] for row in curve_rows(probed)}
    assert rows["Voxel"] == "no signal before the contrast agent"
    assert rows["Ktrans"] == "no value"
    assert "Model" not in rows


def test_the_rows_have_values_errors_and_units(computed):
    from QuantDCELib.scene.probing import curve_rows

    probed = computed.probe.at(place(INSIDE))
    rows = {name: (value, tip) for name, value, tip in curve_rows(probed)}
    assert rows["Voxel"][0] == "fitted"
    assert rows["Model"][0] == "Tofts"
    value, error = rows["Ktrans"][0].removesuffix(" /min").split(" ± ")
    assert float(value) == pytest.approx(probed.values["Ktrans"], rel=0.01)
    assert float(error) == pytest.approx(probed.standard_errors["Ktrans"], rel=0.06)
    assert rows["IAUGC60"][0].endswith(" mM s")
    assert rows["Early enhancement"][0].endswith(" %")
    assert rows["RMS residual"][0].endswith(" mM")
    assert 0.5 < float(rows["R2"][0]) <= 1
    assert "M0" not in rows
    assert all(tip for _value, tip in rows.values())


def test_the_short_table_has_the_model_left_and_what_judges_it_right(computed):
    from QuantDCELib.scene.probing import curve_rows, curve_table

    probed = computed.probe.at(place(INSIDE))
    pairs = curve_table(probed)
    left, right = ([pair[n] for pair in pairs if pair[n] is not None] for n in (0, 1))
    assert [row[0] for row in left] == ["Ktrans", "ve", "kep"]
    assert [row[0] for row in right] == ["R2", "PE", "SER", "IAUGC60"]
    whole = {name: value for name, value, _tip in curve_rows(probed)}
    assert (left[0][1], right[1][1]) == (whole["Ktrans"], whole["Early enhancement"])
    assert right[1][2].startswith("Early enhancement ")
    # Beside the tumour nothing was fitted, and the rows stay.
    assert [pair[0][0] for pair in curve_table(computed.probe.at(place((2, 2, 3)))) if pair[0]] == [
        "Ktrans",
        "ve",
        "kep",
    ]


@pytest.mark.skipif(not charts.can_draw(), reason=charts.NO_OPENGL)
def test_the_chart_can_be_drawn(computed, tmp_path):
    from HER2ImmunoCommonLib.charts import write_png
    from QuantDCELib.scene.probing import curve_chart
    from slice_pictures import picture_folder

    path = picture_folder(tmp_path) / "probe_chart.png"
    write_png(curve_chart(computed.probe.at(place(INSIDE))), path)
    assert path.stat().st_size > 2000


# One slice before the whole


def previewed(scene, parameters, k=2, **settings):
    from QuantDCELib.scene.preview import publish_preview

    request = request_of(parameters, **settings)
    return publish_preview(scene, parameters, request, request.preview(k))


def test_a_preview_is_the_slice_of_the_map_in_its_place(scene, parameters, computed):
    from HER2ImmunoCommonLib.scene import volume_from_node

    node = previewed(scene, parameters)
    assert node.GetName() == "baseline Ktrans preview, slice 3 (1/min)"
    shown = volume_from_node(node)
    np.testing.assert_array_equal(shown.array, computed.result.maps["Ktrans"][2:3])
    np.testing.assert_allclose(shown.ijk_to_ras @ (5, 4, 0, 1), (*place((2, 4, 5)), 1))


def test_without_a_model_the_preview_is_of_enhancement(scene, parameters):
    assert previewed(scene, parameters, model="none").GetName() == "baseline Early enhancement preview, slice 3 (%)"


def test_a_preview_goes_with_the_next_and_with_the_maps(scene, parameters):
    from QuantDCELib.scene.publishing import publish
    from QuantDCELib.scene.results import maps_of, preview_of, remove_results

    before = scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")
    first = previewed(scene, parameters, 1)
    assert preview_of(parameters.dynamic) is first
    second = previewed(scene, parameters, 2)
    assert not scene.IsNodePresent(first)
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == before + 1
    assert second not in maps_of(parameters.dynamic)
    request = request_of(parameters)
    publish(scene, parameters, request, request.analyse())
    assert not scene.IsNodePresent(second)
    assert preview_of(parameters.dynamic) is None
    third = previewed(scene, parameters)
    remove_results(scene, parameters.dynamic)
    assert not scene.IsNodePresent(third)
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == before


def test_a_preview_is_not_saved_and_its_name_takes_no_other_node_with_it(scene, parameters, tmp_path):
    from HER2ImmunoCommonLib.scene import node_from_volume
    from HER2ImmunoCommonLib.scene.standalone import load_mrb, save_mrb
    from QuantDCELib.scene.results import PREVIEW, preview_of, remove_preview

    previewed(scene, parameters)
    save_mrb(scene, tmp_path / "scene.mrb")
    scene.Clear(0)
    load_mrb(scene, tmp_path / "scene.mrb")
    names = [scene.GetNthNode(n).GetName() or "" for n in range(scene.GetNumberOfNodes())]
    assert not any("preview" in name for name in names)
    series = scene.GetFirstNodeByClass("vtkMRMLSequenceNode")
    other = node_from_volume(scene, Volume(np.zeros((1, 2, 2), np.float32), np.eye(4)), "other")
    series.RemoveNodeReferenceIDs(PREVIEW)
    series.AddNodeReferenceID(PREVIEW, other.GetID())
    assert preview_of(series) is None
    remove_preview(scene, series)
    assert scene.IsNodePresent(other)


def test_a_preview_fails_without_a_trace(scene, parameters):
    before = scene.GetNumberOfNodes()
    with pytest.raises(InputError, match="Slice 1 has no voxel of the tumour"):
        previewed(scene, parameters, 0)
    assert scene.GetNumberOfNodes() == before


def test_the_preview_is_seen_through_its_slice(scene, parameters, view, photograph):
    from QuantDCELib.scene.preview import show_preview
    from QuantDCELib.scene.publishing import publish
    from QuantDCELib.scene.results import maps_of

    node = previewed(scene, parameters, 1)
    show_preview(node)
    photograph("dce_preview")
    assert view.layers.GetForegroundVolumeID() == node.GetID()
    assert view.node.GetSliceToRAS().GetElement(2, 3) == pytest.approx(3.0)
    request = request_of(parameters)
    publish(scene, parameters, request, request.analyse())
    ktrans = next(each for each in maps_of(parameters.dynamic) if each.GetAttribute("QuantDCE.Map") == "Ktrans")
    assert view.layers.GetForegroundVolumeID() == ktrans.GetID()


def test_the_slice_to_look_at_first_is_the_one_shown(scene, parameters, view):
    from QuantDCELib.scene.preview import slice_to_preview
    from QuantDCELib.scene.series_nodes import shown_volume

    series, most = parameters.dynamic, TUMOUR.copy()
    most[1, 2] = False
    view.node.JumpSlice(5.0, 5.0, 3.4)
    assert slice_to_preview(series, most, scene) == 1
    view.node.JumpSlice(5.0, 5.0, 5.9)
    assert slice_to_preview(series, most, scene) == 2
    view.node.JumpSlice(5.0, 5.0, 0.0)
    assert slice_to_preview(series, most, scene) == 2  # nothing to compute in the one shown
    assert slice_to_preview(series, None, scene) == 0
    view.node.JumpSlice(5.0, 5.0, 300.0)
    assert slice_to_preview(series, most, scene) == 2
    assert slice_to_preview(series, None, scene) == 1
    view.node.SetOrientation("Sagittal")
    view.node.JumpSlice(5.0, 5.0, 3.0)
    assert slice_to_preview(series, most, scene) == 2
    view.node.SetOrientation("Axial")
    up = np.eye(4)
    up[2, 3] = 100.0
    moved(scene, shown_volume(series), up)
    view.node.JumpSlice(5.0, 5.0, 103.0)
    assert slice_to_preview(series, most, scene) == 1


def test_without_a_view_it_is_the_slice_with_most_of_the_tumour(scene, parameters):
    from QuantDCELib.scene.preview import slice_to_preview

    most = TUMOUR.copy()
    most[2, 2] = False
    assert slice_to_preview(parameters.dynamic, most, scene) == 1
