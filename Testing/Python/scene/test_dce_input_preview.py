"""What the arterial input would be with the present choices, before anything is computed."""

import numpy as np
import pytest
from dce_arteries import ARTERY, OBLIQUE, SHAPE, TIMES, accept, analysed, examination, move, search
from QuantDCELib.arterial_input import population_aif


@pytest.fixture
def parameters(scene):
    return examination(scene)


@pytest.fixture
def found(scene, parameters):
    """The parameters after a search."""
    search(scene, parameters)
    return parameters


@pytest.mark.parametrize("by_transform", [False, True])
def test_the_preview_of_an_artery_is_the_input_of_the_run(scene, found, by_transform):
    from QuantDCELib.scene.input_preview import input_preview

    if by_transform:
        move(scene, found.dynamic)
        search(scene, found)
    preview, result = input_preview(found), analysed(scene, found)
    np.testing.assert_array_equal(preview.aif.plasma_mM, result.aif.plasma_mM)
    np.testing.assert_array_equal(preview.baseline, result.baseline)
    assert preview.arrival_s == result.arrival_s
    assert preview.reason == ""
    assert preview.comparison.peak_ratio == pytest.approx(0.8, abs=0.15)


def test_the_preview_of_an_artery_knows_its_b1(scene, found):
    from HER2ImmunoCommonLib.geometry import Volume
    from HER2ImmunoCommonLib.scene import node_from_volume
    from QuantDCELib.scene.input_preview import input_preview

    nominal = input_preview(found).aif.plasma_mM.max()
    b1 = np.full(SHAPE, 80.0)
    b1[ARTERY] = 120.0
    found.b1Map = node_from_volume(scene, Volume(b1, OBLIQUE), "B1")
    preview = input_preview(found)
    np.testing.assert_array_equal(preview.aif.plasma_mM, analysed(scene, found).aif.plasma_mM)
    assert preview.aif.plasma_mM.max() > 1.05 * nominal or preview.aif.plasma_mM.max() < 0.95 * nominal


def test_the_preview_of_a_population_input_arrives_at_the_foot(parameters):
    from QuantDCELib.scene.input_preview import input_preview

    preview = input_preview(parameters)
    assert preview.arrival_s == pytest.approx(31.0, abs=4.0)
    assert preview.aif.plasma_mM.max() == pytest.approx(10.3, rel=0.03)
    assert "fitted to the tumour" in preview.remark
    assert preview.comparison is None
    parameters.arrivalS = "50"
    assert input_preview(parameters).arrival_s == 50.0


def test_the_preview_of_a_table_is_that_table(scene, parameters):
    from HER2ImmunoCommonLib.scene import write_values
    from QuantDCELib.scene.input_preview import input_preview

    parameters.aif = "table"
    assert input_preview(parameters).reason == "Choose the table of the arterial input."
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", "curve")
    plasma = population_aif("parker", TIMES, arrival_s=31.0)
    rows = [(float(t), float(c)) for t, c in zip(TIMES, plasma, strict=True)]
    write_values(("time_s", "plasma_mM"), rows, node)
    parameters.aifTable = node
    preview = input_preview(parameters)
    np.testing.assert_allclose(preview.aif.plasma_mM, plasma, rtol=1e-5)
    assert preview.comparison.is_alike
    assert preview.comparison.area_ratio == pytest.approx(1.0, abs=0.05)


def test_what_is_missing_is_said_and_the_signal_shown(scene, found):
    from QuantDCELib.scene.charts import preview_chart
    from QuantDCELib.scene.input_preview import input_preview

    found.dynamic.RemoveAttribute("MultiVolume.DICOM.RepetitionTime")
    preview = input_preview(found)
    assert preview.aif is None
    assert "what is the TR" in preview.reason
    chart = preview_chart(preview)
    assert chart.y_label == "Signal"
    assert [item.label for item in chart.items] == ["baseline frames", "signal"]
    found.timesText = "1 2 3"
    assert "give one a frame" in input_preview(found).reason
    assert preview_chart(input_preview(found)) is None


def test_the_chart_shows_baseline_curve_and_population(found):
    from QuantDCELib.scene.charts import preview_chart
    from QuantDCELib.scene.input_preview import input_preview

    preview = input_preview(found)
    chart = preview_chart(preview)
    items = {item.label: item for item in chart.items}
    assert set(items) == {"baseline frames", "Parker", "plasma", "frames"}
    before = items["baseline frames"]
    inside = (before.x_low <= TIMES) & (before.x_high > TIMES)
    np.testing.assert_array_equal(np.flatnonzero(inside), preview.baseline)
    assert items["Parker"].dashed


def test_voxels_are_read_once_for_choices_that_do_not_touch_them(found, monkeypatch):
    from QuantDCELib.scene import input_preview as module

    previews, read = module.InputPreviews(), []
    real = module.voxel_signal
    monkeypatch.setattr(module, "voxel_signal", lambda *given: read.append(1) or real(*given))
    first = previews.preview(found)
    found.arrivalS, found.hematocrit = "40", 0.0
    second = previews.preview(found)
    assert len(read) == 1
    np.testing.assert_allclose(second.aif.plasma_mM, 0.58 * first.aif.plasma_mM)
    accept(found, 1)
    previews.preview(found)
    assert len(read) == 2
