"""A small dynamic series of tumour, muscle and a vessel, and what a person does to the Quant DCE panel with it."""

import json

import numpy as np
import slicer
from HER2ImmunoCommonLib.geometry import TimeSeries

IJK_TO_RAS = np.diag([2.0, 2.0, 3.0, 1.0])
SHAPE = (4, 8, 9)
TIME_S = np.arange(0.0, 240.0, 6.0)
TUMOUR, MUSCLE, VESSEL = (np.zeros(SHAPE, bool) for _ in range(3))
TUMOUR[1:3, 2:6, 1:5], MUSCLE[1:3, 6:, :4], VESSEL[:, :2, 6:8] = True, True, True
KTRANS_REFERENCE, KTRANS_REL = 0.1, 2.5
TAGS = {"RepetitionTime": 5.0, "FlipAngle": 20.0}


def signal(concentration_mM):
    """Spoiled gradient echo at TR 5 ms and 20 degrees in tissue with T1 1.4 s, r1 4.5 /mM/s."""
    e1 = np.exp(-0.005 * (1 / 1.4 + 4.5 * concentration_mM))
    angle = np.deg2rad(20.0)
    return 1000 * np.sin(angle) * (1 - e1) / (1 - np.cos(angle) * e1)


def tissue_mM(plasma_mM, fine_s, ktrans_per_min, ve):
    kernel = np.exp(-ktrans_per_min / ve * fine_s / 60.0)
    step_s = fine_s[1]
    return ktrans_per_min / 60.0 * step_s * np.convolve(plasma_mM, kernel)[: fine_s.size]


def tissue_array():
    """Muscle and tumour with one plasma input, which a vessel shows."""
    fine_s = np.arange(0.0, 240.0, 0.1)
    after = np.clip(fine_s - 30.0, 0, None)
    plasma = 8.0 * (1 - np.exp(-after / 4.0)) * (np.exp(-after / 25.0) + 0.15)
    at_frames = [np.interp(TIME_S, fine_s, tissue_mM(plasma, fine_s, *values)) for values in ((0.1, 0.1), (0.25, 0.35))]
    made = np.empty((*SHAPE, TIME_S.size), np.float32)
    made[:] = signal(np.zeros(TIME_S.size))
    made[MUSCLE], made[TUMOUR] = signal(at_frames[0]), signal(at_frames[1])
    made[VESSEL] = signal(0.58 * np.interp(TIME_S, fine_s, plasma))
    noise = np.random.default_rng(0).normal(0, 0.2, made.shape)
    return (made + noise).astype(np.float32)


def choose(section, segmentation, segment_id):
    section.selector.setCurrentNode(segmentation)
    section.selector.setCurrentSegmentID(segment_id)


def ready_panel(panel, array, time_s, tags):
    from HER2ImmunoCommonLib.scene.segments import add_segment
    from HER2ImmunoCommonLib.scene.sequences import node_from_series

    sequence = node_from_series(slicer.mrmlScene, TimeSeries(array, IJK_TO_RAS, time_s), "Dynamic MR", tags=tags)
    regions = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    for name, mask in (("tumour", TUMOUR), ("muscle", MUSCLE), ("vessel", VESSEL)):
        add_segment(regions, mask, name, sequence.GetNthDataNode(0))
    panel.ui.dynamicSelector.setCurrentNode(sequence)
    choose(panel.tumour.segments, regions, "tumour")
    panel.arterial.source.choose("parker")
    return panel


def click(panel):
    panel.runBar.button.click()
    return panel.runBar.status.text


def maps_by_name(visit="baseline"):
    nodes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    return {node.GetName().removeprefix(f"{visit} "): node for node in nodes}


def offered(panel):
    """What can be looked at, without the line that asks to choose."""
    selector = panel.look.selector
    return [selector.itemText(index) for index in range(1, selector.count)]


def show(panel, title):
    """Choose what to look at, as a person does."""
    selector = panel.look.selector
    index = selector.findText(title)
    selector.setCurrentIndex(index)
    selector.activated.emit(index)


def keep(panel):
    """Add the results to the visit; what is said of it."""
    panel.keep.toVisit.button.click()
    return panel.keep.toVisit.status.text


def compute_and_keep(panel):
    """From the choices to the row of the visit."""
    click(panel)
    assert panel.runBar.status.look in ("ok", "warning"), panel.runBar.status.text
    return keep(panel)


def settings_used(name):
    from HER2ImmunoCommonLib.scene.nodes import PROVENANCE_ATTRIBUTE

    return json.loads(maps_by_name()[name].GetAttribute(PROVENANCE_ATTRIBUTE))["settings"]
