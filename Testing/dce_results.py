"""Results of Quant DCE in a scene without its panel: a small series, a tumour in it, and runs of the analysis."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.measurements import Measurement
from QuantDCELib.analysis.pipeline import analyse
from QuantDCELib.analysis.settings import DceSettings
from QuantDCELib.dicom.reading import DynamicImages
from QuantDCELib.dicom.time_axis import TimeAxis

SHAPE = (3, 8, 10)
TIME_S = 10.0 * np.arange(40)
TUMOUR = np.zeros(SHAPE, bool)
TUMOUR[1:, 2:7, 2:9] = True
GRID = np.diag([2.0, 2.0, 3.0, 1.0])
NODES = ("segmentation", "arterySegmentation", "referenceSegmentation", "measurements", "aifTable", "t1Map", "m0Map")


def rising(speed: float = 1.0) -> DynamicImages:
    """Every voxel rises by 120 % within its own time and then washes out."""
    rise_s = np.linspace(40.0, 160.0, np.prod(SHAPE)).reshape(SHAPE)[..., None] / speed
    after = np.clip(TIME_S - 30.0, 0.0, None)
    rise = 1.2 * np.clip(after / rise_s, 0, 1) * np.exp(-after / 1500.0)
    series = TimeSeries((100 * (1 + rise)).astype(np.float32), GRID, TIME_S)
    return DynamicImages(series, TimeAxis(TIME_S, "TriggerTime"), 0.005, 20.0, 1.5, {})


def plain_parameters(scene, name: str) -> SimpleNamespace:
    """What stands for the parameter node's wrapper where there is no panel."""
    node = scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", f"QuantDCE {name}")
    return SimpleNamespace(parameterNode=node, dynamic=None, displays="", vascularKtrans=0.05, **dict.fromkeys(NODES))


class Study:
    """One series with its tumour, and the results of the last run.

    Parameters
    ----------
    scene : vtkMRMLScene
    name : str
        Of the series.
    parameters : optional
        The wrapper of a parameter node.
    images : DynamicImages, optional
        With `tumour`, a mask on its grid.
    """

    def __init__(self, scene, name="MR", parameters=None, images=None, tumour=TUMOUR):
        from HER2ImmunoCommonLib.scene import add_segment
        from QuantDCELib.scene import node_from_dynamic

        self.scene, self.name, self.mask, self._images = scene, name, tumour, images
        self.parameters = plain_parameters(scene, name) if parameters is None else parameters
        self.parameters.dynamic = node_from_dynamic(scene, images or rising(), name)
        regions = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{name} regions")
        regions.CreateDefaultDisplayNodes()
        self.tumour = add_segment(regions, tumour, "tumour", self.series.GetNthDataNode(0))
        self.parameters.segmentation = regions

    @property
    def series(self):
        return self.parameters.dynamic

    def run(self, speed: float = 1.0, visit: str = "baseline", **settings):
        """Analyse and publish, as *Compute* does; gives the result."""
        from QuantDCELib.scene.gathering import Request
        from QuantDCELib.scene.publishing import publish

        given = {"model": "tofts", "t10_s": 1.4, "arrival_s": 30.0, "baseline": (0, 3)}
        self.settings = settings = DceSettings(**given | settings)
        result = analyse(self._images or rising(speed), settings, tumour_mask=self.mask)
        names = {"dynamic_node": self.name, "tumour_segment": self.tumour}
        publish(self.scene, self.parameters, Request(None, settings, self.mask, Measurement(visit, 0.0), names), result)
        return result

    def probe(self):
        """What works out single voxels of the last run."""
        from QuantDCELib.analysis.prepared import prepare
        from QuantDCELib.analysis.probe import voxel_probe
        from QuantDCELib.scene.probing import Probe

        prepared = prepare(self._images or rising(), self.settings, tumour_mask=self.mask)
        return Probe(self.series, voxel_probe(prepared))

    def map(self, name: str):
        """The node of a map."""
        from QuantDCELib.scene.vascular import map_named

        return map_named(self.series, name)

    def values(self, name: str) -> np.ndarray:
        """Values (n,) of a map in the tumour."""
        import slicer

        return slicer.util.arrayFromVolume(self.map(name))[self.mask]

    def window(self, name: str) -> tuple[float, float]:
        """The window in which a map is shown, to six digits."""
        display = self.map(name).GetDisplayNode()
        return tuple(float(f"{end:.6g}") for end in (display.GetWindowLevelMin(), display.GetWindowLevelMax()))
