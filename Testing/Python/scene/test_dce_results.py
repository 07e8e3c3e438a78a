"""Results of every model in the scene: with or without an arterial input, an enhancement or an artery found."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.measurements import Measurement
from QuantDCELib.analysis.pipeline import analyse
from QuantDCELib.analysis.settings import MODEL_CHOICES, DceSettings
from QuantDCELib.dicom.reading import DynamicImages
from QuantDCELib.dicom.time_axis import TimeAxis

SHAPE = (3, 4, 5)
TIME_S = 10.0 * np.arange(60)
RAMPS_S = np.linspace(40.0, 120.0, 60).reshape(SHAPE)
WITHOUT_INPUT = ("reference_region", "extended_reference_region", "none")


def images(time_s=TIME_S, tr_s=0.005):
    """Every voxel rises by 120 % within its own time and then washes out."""
    after = np.clip(time_s - 30.0, 0.0, None)
    rise = 1.2 * np.clip(after / RAMPS_S[..., None], 0, 1) * np.exp(-after / 1500.0)
    series = TimeSeries((100 * (1 + rise)).astype(np.float32), np.diag([2.0, 2.0, 3.0, 1.0]), time_s)
    return DynamicImages(series, TimeAxis(time_s, "TriggerTime"), tr_s, 20.0 if tr_s else None, 1.5, {})


TUMOUR = np.zeros(SHAPE, bool)
TUMOUR[:2] = True
MUSCLE = ~TUMOUR


def analysed(dynamic, **settings):
    found = DceSettings(**({"t10_s": 1.4, "arrival_s": 30.0, "baseline": (0, 3)} | settings))
    return found, analyse(dynamic, found, tumour_mask=TUMOUR, reference_mask=MUSCLE)


@pytest.fixture
def parameters(scene):
    node = scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "QuantDCE")
    dynamic = scene.AddNewNodeByClass("vtkMRMLSequenceNode", "MR")
    chosen = dict.fromkeys(
        ("segmentation", "arterySegmentation", "referenceSegmentation", "measurements", "aifTable", "t1Map", "m0Map")
    )
    return SimpleNamespace(parameterNode=node, dynamic=dynamic, StartModify=lambda: 0, **chosen)


def published(scene, parameters, settings, result):
    from QuantDCELib.scene.gathering import Request
    from QuantDCELib.scene.publishing import publish
    from QuantDCELib.scene.results import maps_of

    request = Request(None, settings, TUMOUR, Measurement("baseline", 0.0), {"dynamic_node": "MR"})
    publish(scene, parameters, request, result)
    made = {node.GetName(): node for node in maps_of(parameters.dynamic)}
    assert all(name.startswith("baseline ") for name in made)
    return {name.removeprefix("baseline "): node for name, node in made.items()}


@pytest.mark.parametrize("model", MODEL_CHOICES)
def test_every_model_has_its_nodes_and_its_words(scene, parameters, model):
    from QuantDCELib.scene.results import charts_of, summary_of

    settings, result = analysed(images(), model=model)
    assert (result.aif is None) == (model in WITHOUT_INPUT)
    maps = published(scene, parameters, settings, result)
    assert {"Fit status", "Early enhancement (%)", "SER", "Time to peak (s)"} <= set(maps)
    assert len(maps) == len(result.maps)
    titles = [chart.GetTitle() for chart in charts_of(parameters.dynamic)]
    assert ("Arterial input" in titles) == (result.aif is not None)
    assert ("Enhancement of the tumour" in titles) == (result.roi is not None)
    rows = {row[0]: row[1] for row in summary_of(parameters.dynamic).rows}
    assert rows["Model"]
    assert ("Arterial input" in rows) == (result.aif is not None)


def test_a_model_without_words_goes_by_its_name(scene):
    from QuantDCELib.scene.summary import summarise

    settings, result = analysed(images(), model="none")
    rows = {row[0]: row[1] for row in summarise(result, replace(settings, model="new_model"), ()).rows}
    assert rows["Model"] == "new_model"


def test_no_curve_of_the_region_and_no_chart_of_it(scene, parameters):
    from QuantDCELib.scene.charts import enhancement_chart, input_chart

    _settings, result = analysed(images(), model="tofts")
    assert enhancement_chart(replace(result, roi=None)) is None
    assert input_chart(replace(result, aif=None)) is None


def test_the_functional_tumour_volume_has_the_five_colours(scene, parameters):
    import slicer
    from QuantDCELib.scene.results import summary_of

    settings, result = analysed(images(), model="none")
    node = published(scene, parameters, settings, result)["Functional tumour volume"]
    assert node.IsA("vtkMRMLLabelMapVolumeNode")
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(node), result.enhancement.ftv.bins)
    colours = node.GetDisplayNode().GetColorNode()
    assert [colours.GetColorName(number) for number in range(1, 6)] == [
        "SER 0 to 0.9",
        "SER 0.9 to 1",
        "SER 1 to 1.3",
        "SER 1.3 to 1.75",
        "SER above 1.75",
    ]
    rgba = np.zeros(4)
    colours.GetColor(1, rgba)
    assert rgba[:3].argmax() == 2
    colours.GetColor(4, rgba)
    assert rgba[:3].argmax() == 0
    rows = {row[0]: row[1] for row in summary_of(parameters.dynamic).rows}
    parts = [float(value.split()[0]) for name, value in rows.items() if name.startswith("… with SER ")]
    assert sum(parts) == pytest.approx(float(rows["Functional tumour volume"].split()[0]), rel=1e-3)
    assert result.enhancement.ftv.volume_cm3 > 0


def test_standard_errors_are_named_with_their_units(scene, parameters):
    settings, result = analysed(images(), model="2cxm", standard_errors=True, fit_delay=True)
    maps = published(scene, parameters, settings, result)
    assert {"Ktrans SE (1/min)", "ve SE", "Fp SE (mL/100mL/min)", "Arrival delay SE (s)"} <= set(maps)


def test_three_phases_without_tr_and_t1(scene, parameters):
    from QuantDCELib.scene.results import summary_of

    dynamic = images(np.array([0.0, 180.0, 480.0]), tr_s=None)
    settings, result = analysed(dynamic, model="none", t10_s=None, arrival_s=None, baseline=None)
    maps = published(scene, parameters, settings, result)
    assert "IAUGC60 (mM s)" not in maps
    assert {"SER", "Functional tumour volume"} <= set(maps)
    rows = {row[0]: row[1] for row in summary_of(parameters.dynamic).rows}
    assert rows["Frames of SER"] == "2 and 3"
