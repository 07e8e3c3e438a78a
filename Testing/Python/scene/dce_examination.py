"""One examination of Quant DCE in a scene: a small tumour whose voxels enhance differently, some without signal."""

from types import SimpleNamespace

import numpy as np
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.measurements import Measurement
from QuantDCELib.analysis.pipeline import analyse
from QuantDCELib.analysis.settings import DceSettings
from QuantDCELib.dicom.reading import DynamicImages
from QuantDCELib.dicom.time_axis import TimeAxis

SHAPE = (3, 8, 9)
IJK_TO_RAS = np.diag([2.0, 2.0, 3.0, 1.0])
TIME_S = 6.0 * np.arange(60)
UIDS = {"study": ["1.2.840.99999.1"], "series": ["1.2.840.99999.1.7"]}
TUMOUR = np.zeros(SHAPE, bool)
TUMOUR[1:, 2:6, 2:7] = True
NODES = ("segmentation", "arterySegmentation", "referenceSegmentation", "measurements", "aifTable", "t1Map", "m0Map")


def images(uids=UIDS):
    """Voxels that rise by 30 to 140 % and wash out slowly; three of the tumour have no signal."""
    after = np.clip(TIME_S - 30.0, 0.0, None)
    height = np.linspace(0.3, 1.4, TUMOUR.size).reshape(SHAPE)
    rise = height[..., None] * np.clip(after / 60.0, 0, 1) * np.exp(-after / 1500.0)
    signal = 100.0 * (1.0 + rise) + np.random.default_rng(4).normal(0, 0.6, (*SHAPE, TIME_S.size))
    signal[2, 2, 2:5] = 0.0
    series = TimeSeries(signal.astype(np.float32), IJK_TO_RAS, TIME_S)
    return DynamicImages(series, TimeAxis(TIME_S, "TriggerTime"), 0.005, 20.0, 1.5, uids)


def examination(scene, name="MR", uids=UIDS, **visit):
    """What the panel's parameter node has of a series in the scene."""
    from QuantDCELib.scene.series_nodes import node_from_dynamic

    node = scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", f"QuantDCE {name}")
    series = node_from_dynamic(scene, images(uids), name)
    fields = {"visit": "baseline", "day": 0.0, "replaceRow": "", "vascularKtrans": 0.05}
    chosen = dict.fromkeys(NODES) | fields | visit
    return SimpleNamespace(parameterNode=node, dynamic=series, StartModify=lambda: 0, **chosen)


def compute(scene, parameters, key="", **settings):
    """Analyse and publish; gives the result of the core."""
    from QuantDCELib.scene.gathering import Request
    from QuantDCELib.scene.publishing import publish

    chosen = DceSettings(**{"model": "tofts", "t10_s": 1.4, "arrival_s": 30.0, "baseline": (0, 5)} | settings)
    result = analyse(images(), chosen, tumour_mask=TUMOUR)
    visit, names = Measurement(parameters.visit, parameters.day), {"dynamic_node": parameters.dynamic.GetName()}
    publish(scene, parameters, Request(None, chosen, TUMOUR, visit, names, key=key), result)
    return result


def reload(scene, path, parameters):
    """Save the scene, close it, load it; the examination as it is found again."""
    from HER2ImmunoCommonLib.scene.standalone import load_mrb, save_mrb

    name = parameters.dynamic.GetName()
    save_mrb(scene, path)
    scene.Clear(0)
    load_mrb(scene, path)
    parameters.dynamic = next(node for node in _all(scene, "vtkMRMLSequenceNode") if node.GetName() == name)
    parameters.parameterNode = scene.GetFirstNodeByName(f"QuantDCE {name}")
    if parameters.measurements is not None:
        parameters.measurements = scene.GetFirstNodeByName("Measurements")
    return parameters


def _all(scene, kind):
    return [scene.GetNthNodeByClass(n, kind) for n in range(scene.GetNumberOfNodesByClass(kind))]


def png(size=(40, 60)):
    """A picture as a grabbed view gives it."""
    from HER2ImmunoCommonLib.pictures import to_png

    shade = np.linspace(0, 255, size[0] * size[1]).reshape(size).astype(np.uint8)
    return to_png(np.stack([shade, shade[::-1], shade[:, ::-1]], axis=-1))
