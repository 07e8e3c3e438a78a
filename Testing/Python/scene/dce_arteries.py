"""A series with two arteries, a vein and a tumour, and what a parameter node holds of it."""

import ast
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from HER2ImmunoCommonLib.examination import Examination
from HER2ImmunoCommonLib.geometry import TimeSeries
from QuantDCELib.arterial_input import population_aif
from QuantDCELib.dicom.reading import DynamicImages
from QuantDCELib.dicom.time_axis import TimeAxis
from QuantDCELib.signal import spgr_signal

TIMES = np.arange(0.0, 240.0, 4.0)
OBLIQUE = np.array([[1.8, -0.5, 0.2, 5.0], [0.5, 1.8, 0.3, 6.0], [-0.3, -0.2, 2.5, -7.0], [0, 0, 0, 1.0]])
SHAPE = (4, 16, 18)
ARTERY, SECOND, VEIN = (np.zeros(SHAPE, bool) for _ in range(3))
ARTERY[:, 2:4, 2:4], SECOND[1:3, 2:4, 12:14], VEIN[1:3, 11:13, 3:5] = True, True, True
TUMOUR = np.zeros(SHAPE, bool)
TUMOUR[1:3, 6:10, 7:12] = True
MODULE = Path(__file__).resolve().parents[3] / "QuantDCE/QuantDCE.py"


def fields():
    """What a parameter node of the module holds at first, by the source: its wrapper needs the application."""
    (node,) = [
        part for part in ast.parse(MODULE.read_text()).body if getattr(part, "name", "") == "QuantDCEParameterNode"
    ]
    held = [part for part in node.body if isinstance(part, ast.AnnAssign)]
    empty = {part.target.id: "" if ast.unparse(part.annotation) == "str" else None for part in held}
    return empty | {part.target.id: ast.literal_eval(part.value) for part in held if part.value is not None}


class Parameters(SimpleNamespace):
    """A parameter node without the application's wrapper."""

    def StartModify(self):
        return 0

    def EndModify(self, _earlier):
        return 0


def blood(scale, arrival_s):
    return 0.58 * scale * population_aif("parker", TIMES, arrival_s=arrival_s)


def images(seed=0, series_uid=""):
    rng = np.random.default_rng(seed)
    concentration = np.zeros((*SHAPE, TIMES.size))
    concentration[ARTERY] = blood(0.8, 31.0)
    concentration[SECOND] = blood(0.5, 32.0)
    concentration[VEIN] = blood(0.35, 40.0)
    concentration[TUMOUR] = 0.4 * np.clip((TIMES - 34.0) / 100.0, 0, 1)
    signal = spgr_signal(1 / 1.44 + 4.5 * concentration, tr_s=0.005, flip_deg=20.0, m0=4000)
    array = (signal + rng.normal(0, 0.3, signal.shape)).astype(np.float32)
    about = Examination(patient="1", study_uid=series_uid, series_uids=(series_uid,)) if series_uid else Examination()
    uids = {"series": [series_uid]} if series_uid else {}
    return DynamicImages(
        TimeSeries(array, OBLIQUE, TIMES), TimeAxis(TIMES, "TriggerTime"), 0.005, 20.0, 1.5, uids, examination=about
    )


def examination(scene):
    """The parameters of the series in a scene, with nothing searched yet."""
    from QuantDCELib.scene.series_nodes import node_from_dynamic

    made = Parameters(**fields(), parameterNode=scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "Quant DCE"))
    made.dynamic, made.t1S, made.model = node_from_dynamic(scene, images(), "MR"), "1.44", "tofts"
    return made


def search(scene, parameters):
    from QuantDCELib.scene.artery_search import gather_search
    from QuantDCELib.scene.candidates import publish_candidates

    request = gather_search(parameters)
    return publish_candidates(scene, parameters, request, request.find())


def rows(parameters):
    from QuantDCELib.scene.candidates import candidate_rows

    return candidate_rows(parameters)


def accept(parameters, number, accepted=True):
    from QuantDCELib.scene.candidates import accept as take

    take(parameters, rows(parameters)[number].segment_id, accepted)


def artery_mask(parameters):
    from HER2ImmunoCommonLib.scene import segment_mask

    return segment_mask(parameters.arterySegmentation, parameters.arterySegmentId, parameters.dynamic)


def analysed(scene, parameters):
    from HER2ImmunoCommonLib.scene import add_segment
    from QuantDCELib.scene.gathering import gather

    if parameters.segmentation is None:
        parameters.segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
        frame = parameters.dynamic.GetNthDataNode(0)
        parameters.segmentId = add_segment(parameters.segmentation, TUMOUR, "Tumour", frame)
    return gather(parameters).analyse()


def move(scene, series):
    import slicer
    import vtk
    from QuantDCELib.scene.series_nodes import shown_volume

    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = vtk.vtkMatrix4x4()
    slicer.util.updateVTKMatrixFromArray(
        matrix, np.array([[0.8, -0.6, 0, 30.0], [0.6, 0.8, 0, -20.0], [0, 0, 1, 5.0], [0, 0, 0, 1.0]])
    )
    transform.SetMatrixTransformToParent(matrix)
    shown_volume(series).SetAndObserveTransformNodeID(transform.GetID())
