"""The curve under the cursor is that of the map, in every state that the panel and its scene can come into."""

import gc
import weakref

import numpy as np
import pytest
import slicer
from dce_states import (
    BESIDE,
    CENTRE,
    TIME_S,
    add_examination,
    ball,
    compute,
    differing,
    events,
    look_at,
    map_values,
    moved,
    open_panel,
    ras_of,
    rows,
    same,
    settle,
    suggest,
    tissue,
)
from hands import click_in_view, hover

OBLIQUE = np.array([[1.4, -1.3, 0.6, 7.0], [1.4, 1.3, 0.9, -20.0], [-0.4, -0.1, 2.8, 33.0], [0.0, 0.0, 0.0, 1.0]])


@pytest.fixture
def panel(load_module, views):
    return open_panel(load_module)


def test_the_curve_is_that_of_the_map_and_of_fit_model_to_the_last_bit(panel):
    """On integer images of an oblique series under a transform, with a voxel that has no data."""
    from QuantDCELib.kinetics import fit_model
    from QuantDCELib.signal import concentration_from_signal

    array = tissue(ball(grid=OBLIQUE), noise=2.0)
    array[BESIDE][4] = np.nan
    whole = np.where(np.isfinite(array), np.round(array), np.nan).astype(np.float32)
    series = add_examination("baseline", whole, OBLIQUE)
    moved(series, np.array([[0.8, -0.6, 0, 12], [0.6, 0.8, 0, -5], [0, 0, 1, 30], [0, 0, 0, 1.0]]))
    panel.ui.dynamicSelector.setCurrentNode(series)
    panel.ui.standardErrorsCheckBox.checked = True
    suggest(panel, CENTRE)
    compute(panel)
    assert differing(panel, series) == []
    assert look_at(panel, CENTRE) == "Voxel 8, 9 of slice 4"
    probed = panel.computation.probe().at(ras_of(series, CENTRE))
    concentration = concentration_from_signal(
        probed.signal[None].astype(float),
        **{"tr_s": 0.005, "flip_deg": 20.0, "t10_s": 1.4, "r1_per_mM_s": 4.5, "baseline": probed.baseline},
    )
    aif = panel.computation.probe()._voxels.aif
    fit = fit_model("tofts", TIME_S, concentration.concentration_mM, aif.plasma_mM, aif_time_s=aif.time_s)
    maps = map_values(series)
    for name in ("Ktrans", "ve", "kep"):
        assert same(np.float32(fit.parameters[name][0]), maps[name][CENTRE])
        assert rows(panel)[name].startswith(f"{maps[name][CENTRE]:.3g} ± ")
    assert look_at(panel, BESIDE) == "Voxel 7, 9 of slice 4"
    assert "not finite" in panel.probe.said.text
    assert np.isnan(maps["Ktrans"][BESIDE])


def test_a_saved_scene_opens_as_it_was_and_its_curves_are_those_of_its_maps(panel, first, views, tmp_path):
    panel.ui.seedRadiusSpinBox.value = 20.0
    suggest(panel, CENTRE)
    panel.artery.findButton.click()
    panel.artery.plot._onMoved(31.2)
    compute(panel)
    panel.look.choose("ve")
    panel.look.windowRow.high.setValue(0.9)
    panel.look.sideBySide.click()
    panel.probe.button.click()
    click_in_view(ras_of(first, BESIDE))
    before, words = state(panel), panel.tumour.sizeLine.text
    maps, layout = {name: values.copy() for name, values in map_values(first).items()}, views.layout
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    assert panel.computation._probe is None
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    events()
    assert state(panel) == before
    assert (panel.tumour.sizeLine.text, views.layout) == (words, layout)
    assert panel.look.sideBySide.checked
    assert panel.look.windowRow.high.value == 0.9
    assert [box.checked for box in panel.artery.candidates.boxes.values()] == [True]
    assert panel.results.stale.text == ""
    series = panel.parameters.dynamic
    for name, values in map_values(series).items():
        np.testing.assert_array_equal(values, maps[name])
    settle()
    assert panel.probe.said.text.startswith("Voxel 7, 9 of slice 4")  # the placed point, once it was prepared
    assert look_at(panel, CENTRE) == "Voxel 8, 9 of slice 4"
    assert differing(panel, series) == []


def state(panel):
    """Every choice that the parameter node holds, nodes by their names."""
    values = {name: getattr(panel.parameters, name) for name in type(panel.parameters).__annotations__}
    return {name: value.GetName() if hasattr(value, "GetName") else value for name, value in values.items()}


def test_results_of_other_choices_or_another_place_are_not_probed(panel, done):
    panel.ui.t1Edit.text = "1.3"
    assert "inputs have changed" in look_at(panel, CENTRE)
    panel.ui.t1Edit.text = "1.4"
    assert look_at(panel, BESIDE) == "Voxel 7, 9 of slice 4"
    transform = moved(done, np.diag([1.0, 1.0, 1.0, 1.0]))
    assert look_at(panel, CENTRE) == "Voxel 8, 9 of slice 4"
    slicer.util.updateTransformMatrixFromArray(transform, np.array([[1.0, 0, 0, 6], *np.eye(4)[1:]]))
    assert "inputs have changed" in look_at(panel, BESIDE)
    slicer.util.updateTransformMatrixFromArray(transform, np.eye(4))
    assert look_at(panel, CENTRE) == "Voxel 8, 9 of slice 4"
    frame = done.GetNthDataNode(12)
    slicer.util.arrayFromVolume(frame)[CENTRE] += 50.0
    slicer.util.arrayFromVolumeModified(frame)
    assert "changed" in look_at(panel, BESIDE)


def test_a_preview_of_other_choices_is_told(panel, first):
    suggest(panel, CENTRE)
    panel.compute.previewButton.click()
    assert panel.compute.stale.text == ""
    panel.ui.t1Edit.text = "1.3"
    assert "changed since the preview" in panel.compute.stale.text
    panel.compute.previewButton.click()
    assert panel.compute.stale.text == ""
    panel.ui.t1Edit.text = "1.4"
    compute(panel)
    assert panel.compute.stale.text == ""


def test_the_images_are_let_go_when_the_panel_is_left(panel, done):
    look_at(panel, CENTRE)
    probe = weakref.ref(panel.computation.probe())
    panel.exit()
    gc.collect()
    assert probe() is None
    hover(ras_of(done, BESIDE))
    events()
    assert panel.computation._probe is None
    panel.enter()
    look_at(panel, CENTRE)
    settle()
    assert look_at(panel, BESIDE) == "Voxel 7, 9 of slice 4"


def test_results_that_are_deleted_elsewhere_are_missed(panel, done, tmp_path):
    from QuantDCELib.scene.results import STATISTICS, SUMMARY, referenced
    from QuantDCELib.scene.show import result_named

    panel.look.choose("ve")
    slicer.mrmlScene.RemoveNode(result_named(done, "ve"))
    events()
    assert panel.look.selector.findData("ve") == -1
    assert panel.look.windowRow.isHidden()
    look_at(panel, CENTRE)
    settle()
    assert look_at(panel, BESIDE) == "Voxel 7, 9 of slice 4"
    slicer.mrmlScene.RemoveNode(referenced(done, STATISTICS)[0])
    panel.keep.numbersRow.edit.currentPath = str(tmp_path / "numbers.csv")
    panel.keep.numbersRow.button.click()
    assert "statistics was deleted" in panel.keep.status.text
    assert not (tmp_path / "numbers.csv").exists()
    slicer.mrmlScene.RemoveNode(referenced(done, SUMMARY)[0])
    events()
    assert not panel.keep.toVisit.button.enabled
