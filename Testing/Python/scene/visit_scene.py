"""Visits of a patient as small images in a scene: textured, with a tumour drawn, of known examinations."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from HER2ImmunoCommonLib.examination import Examination
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume

SHAPE = (10, 24, 26)
AXIAL = np.array([[-3.0, 0, 0, 40], [0, -3.0, 0, 35], [0, 0, 4.0, -20], [0, 0, 0, 1]])
OBLIQUE = np.array(
    [
        [0.593655, -3.008212, 1.258884, 24.008772],
        [-3.042358, -0.314002, 1.293861, 36.318126],
        [-0.794753, -1.045019, -4.012622, 38.008931],
        [0, 0, 0, 1],
    ]
)
"""About the middle of the other."""
PATIENT = "patient-1"
DATES = ("2026-03-02", "2026-03-09", "2026-03-23")
TUMOUR_AT = (slice(3, 6), slice(8, 13), slice(10, 15))


@dataclass
class MadeVisit:
    """The nodes of a visit."""

    dynamic: Any
    regions: Any
    tumour: str
    mask: np.ndarray
    values: np.ndarray


def texture(places_ras_mm, seed=0):
    """A smooth random function of places, so that two grids can show the same anatomy."""
    rng = np.random.default_rng(seed)
    waves = rng.normal(size=(12, 3)) / 8.0
    phases = rng.uniform(0, 6.3, 12)
    return 100.0 + 20.0 * np.cos(places_ras_mm @ waves.T + phases).sum(axis=-1)


def places_of(shape, ijk_to_ras):
    k, j, i = np.indices(shape)
    return np.stack([i, j, k], axis=-1) @ ijk_to_ras[:3, :3].T + ijk_to_ras[:3, 3]


def add_dynamic(scene, name, values, ijk_to_ras=AXIAL, frames=4):
    """A dynamic series with the volume that shows it; the tumour lights up after the first frame."""
    import slicer
    from HER2ImmunoCommonLib.scene import node_from_series

    array = np.repeat(values[..., None], frames, axis=-1).astype(np.float32)
    array[(*TUMOUR_AT, slice(1, None))] += 80.0
    series = TimeSeries(array, ijk_to_ras, 60.0 * np.arange(frames))
    sequence = node_from_series(scene, series, name)
    browser = scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", f"{name} browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)
    return sequence


def add_visit(scene, name, date=DATES[0], *, ijk_to_ras=AXIAL, patient=PATIENT, study="", tumour="Tumour", moved=None):
    """A visit with a dynamic series and, unless `tumour` is empty, a segment; `moved` maps places to those shown."""
    import slicer
    from HER2ImmunoCommonLib.scene import add_segment, set_examination

    places = places_of(SHAPE, ijk_to_ras)
    values = texture(places if moved is None else moved(places))
    dynamic = add_dynamic(scene, f"{name} dynamic", values, ijk_to_ras)
    of = Examination(study_uid=study or f"1.2.{date}.{patient}", patient=patient, date=date)
    set_examination(dynamic, of)
    mask = np.zeros(SHAPE, bool)
    mask[TUMOUR_AT] = True
    if not tumour:
        return MadeVisit(dynamic, None, "", mask, values)
    regions = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{name} regions")
    regions.CreateDefaultDisplayNodes()
    shown = slicer.modules.sequences.logic().GetFirstBrowserNodeForSequenceNode(dynamic).GetProxyNode(dynamic)
    segment = add_segment(regions, mask, tumour, shown)
    set_examination(regions, of)
    return MadeVisit(dynamic, regions, segment, mask, values)


def add_map(scene, visit, top=0.4, code="Ktrans"):
    """A map of the tumour of a visit, from 0 to `top`, as Quant DCE leaves it."""
    from HER2ImmunoCommonLib.scene import (
        map_colours,
        node_from_volume,
        series_from_node,
        set_colours,
        set_origin,
        set_quantity,
    )

    grid = series_from_node(visit.dynamic)
    ramp = np.indices(SHAPE)[2] / SHAPE[2]
    array = np.where(visit.mask, top * ramp, np.nan)
    node = node_from_volume(scene, Volume(array, grid.ijk_to_ras), f"{visit.dynamic.GetName()} {code}")
    node.CreateDefaultDisplayNodes()
    set_quantity(node, code, "1/min", code)
    set_colours(node, map_colours(scene).GetID(), 0.0, top)
    set_origin(node, visit.dynamic, visit.regions, visit.tumour)
    return node


def add_image(scene, name, of, ijk_to_ras=AXIAL, unit=""):
    """A still image; in Bq/mL it is a PET."""
    from HER2ImmunoCommonLib.scene import node_from_volume, set_examination, set_quantity

    node = node_from_volume(scene, Volume(texture(places_of(SHAPE, ijk_to_ras)), ijk_to_ras), name)
    if unit:
        set_quantity(node, "Activity", unit)
    set_examination(node, of)
    return node
