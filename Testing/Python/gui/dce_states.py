"""Examinations with an enhancing tumour that a click can find, and what a person does to the whole Quant DCE panel."""

import time

import numpy as np
import slicer
from dce_tissue import TAGS, signal, tissue_mM
from hands import click_in_view, hover
from HER2ImmunoCommonLib.examination import Examination
from HER2ImmunoCommonLib.geometry import TimeSeries

SHAPE = (6, 16, 18)
TIME_S = 6.0 * np.arange(30)
GRID = np.diag([2.0, 2.0, 3.0, 1.0])
VESSEL = np.zeros(SHAPE, bool)
VESSEL[:, 1:3, 14:16] = True
CENTRE, BESIDE, LATER = (3, 8, 7), (3, 8, 6), (2, 6, 10)
"""Voxels (k, j, i): in the middle of the tumour of the first examination, beside it, and of that of a later one."""
VISITS = {
    "baseline": Examination("1.1", "1.5", ("1.1.1",), "p", "2024-03-04"),
    "day 7": Examination("2.1", "2.5", ("2.1.1",), "p", "2024-03-11"),
}


def ball(centre=CENTRE, radius_mm=7.0, grid=GRID, shape=SHAPE):
    """A mask (k, j, i) of the voxels within a distance of one of them."""
    steps = np.indices(shape).reshape(3, -1)[::-1] - np.array(centre)[::-1, None]
    return (np.linalg.norm(grid[:3, :3] @ steps, axis=0) <= radius_mm).reshape(shape)


def tissue(tumour, ktrans_per_min=0.25, noise=0.2, time_s=TIME_S, shape=SHAPE):
    """A tumour in tissue that hardly enhances, and the vessel that feeds both; float32 (k, j, i, t)."""
    fine_s = np.arange(0.0, max(time_s[-1], 200.0) + 1, 0.1)
    after = np.clip(fine_s - 30.0, 0, None)
    plasma = 8.0 * (1 - np.exp(-after / 4.0)) * (np.exp(-after / 25.0) + 0.15)
    made = np.empty((*shape, time_s.size))
    made[:] = signal(np.interp(time_s, fine_s, tissue_mM(plasma, fine_s, 0.01, 0.2)))
    made[tumour] = signal(np.interp(time_s, fine_s, tissue_mM(plasma, fine_s, ktrans_per_min, 0.35)))
    if shape == SHAPE:
        made[VESSEL] = signal(0.58 * np.interp(time_s, fine_s, plasma))
    return (made + np.random.default_rng(1).normal(0, noise, made.shape)).astype(np.float32)


def add_examination(name, array, grid=GRID, time_s=TIME_S, examination=None):
    """A dynamic series as the panel makes it of DICOM files."""
    from HER2ImmunoCommonLib.scene import set_examination
    from QuantDCELib.dicom.reading import DynamicImages
    from QuantDCELib.dicom.time_axis import TimeAxis
    from QuantDCELib.scene import node_from_dynamic

    tr_s, flip_deg = TAGS["RepetitionTime"] / 1000.0, TAGS["FlipAngle"]
    images = DynamicImages(TimeSeries(array, grid, time_s), TimeAxis(time_s, "TriggerTime"), tr_s, flip_deg, 1.5, {})
    node = node_from_dynamic(slicer.mrmlScene, images, f"{name} MR")
    set_examination(node, examination or VISITS.get(name, Examination()))
    return node


def open_panel(load_module):
    """The panel with a model and T1 chosen."""
    panel = load_module("QuantDCE").panel
    panel.compute.model.choose("tofts")
    panel.ui.t1Edit.text = "1.4"
    return panel


def choose_first(panel):
    """A first examination, chosen."""
    series = add_examination("baseline", tissue(ball()))
    panel.ui.dynamicSelector.setCurrentNode(series)
    return series


def ras_of(series, index):
    """The place in the world (mm) of a voxel (k, j, i) of a series, where it lies now."""
    from HER2ImmunoCommonLib.scene import to_world, volume_from_node

    matrix = to_world(series) @ volume_from_node(series.GetNthDataNode(0)).ijk_to_ras
    return [float(x) for x in (matrix @ (*reversed(index), 1.0))[:3]]


def events(count=5):
    """Let the application go on for some turns of its loop."""
    for _ in range(count):
        slicer.app.processEvents()


def settle(seconds=0.4):
    """Until what follows a change a moment later has followed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        slicer.app.processEvents()
        time.sleep(0.005)


def suggest(panel, index):
    """Press *Suggest* and click on a voxel of the chosen series."""
    panel.steps.open("tumour")
    panel.tumour.suggestButton.click()
    click_in_view(ras_of(panel.parameters.dynamic, index))
    events()


def compute(panel):
    """Press *Compute maps*; what is said of it."""
    panel.runBar.button.click()
    assert panel.runBar.status.look in ("ok", "warning"), panel.runBar.status.text
    return panel.runBar.status.text


def look_at(panel, index):
    """Move the mouse over a voxel of the chosen series; the place that is told of then."""
    hover(ras_of(panel.parameters.dynamic, index))
    events()
    return panel.probe.said.text.split(":")[0]


def rows(panel):
    """What the table of the voxel under the cursor says: value by name."""
    table = panel.probe.table
    cells = [[table.item(row, column).text() for column in (0, 1)] for row in range(table.rowCount)]
    return {name: value for name, value in cells if name}


def map_values(series):
    """Every map of a series by its name."""
    from QuantDCELib.scene.maps import MAP_ATTRIBUTE
    from QuantDCELib.scene.results import maps_of

    return {node.GetAttribute(MAP_ATTRIBUTE): slicer.util.arrayFromVolume(node) for node in maps_of(series)}


def tumour_mask(panel):
    """The chosen segment on the grid of the chosen series."""
    from HER2ImmunoCommonLib.scene import segment_mask

    parameters = panel.parameters
    return segment_mask(parameters.segmentation, parameters.segmentId, parameters.dynamic)


def same(value, other):
    """Whether two numbers are one float32, or both are none."""
    return bool(np.array_equal(np.float32(value), np.float32(other), equal_nan=True))


def moved(series, matrix):
    """Put the volume that shows a series under a linear transform."""
    from QuantDCELib.scene.series_nodes import shown_volume

    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Moved")
    slicer.util.updateTransformMatrixFromArray(transform, np.asarray(matrix))
    shown_volume(series).SetAndObserveTransformNodeID(transform.GetID())
    return transform


def when_running(panel, act):
    """Do something once work runs; gives a list that is not empty once that was done."""
    import qt

    did = []

    def poll():
        if panel.runBar.running:
            did.append(True)
            act()
        elif not did:
            qt.QTimer.singleShot(1, poll)

    qt.QTimer.singleShot(0, poll)
    return did


def differing(panel, series, every=7):
    """Maps and voxels in which the panel's probe is not the map, to the last bit."""
    probe, maps = panel.computation.probe(), map_values(series)
    voxels = [tuple(map(int, index)) for index in np.argwhere(tumour_mask(panel))[::every]]
    assert len(voxels) > 5
    found = []
    for index in voxels:
        values = probe.at(ras_of(series, index)).values
        found += [(name, index) for name in maps if name in values and not same(values[name], maps[name][index])]
    return found
