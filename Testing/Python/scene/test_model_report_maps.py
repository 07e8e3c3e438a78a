"""Maps of the visits in the report: found by what the row of a visit was measured in, in colours that compare."""

import re

import numpy as np
import pytest
from HER2ImmunoCommonLib.measurements import Measurement

VISITS = (Measurement("baseline", 0.0, {"volume_cm3": 3.0}), Measurement("day_7", 7.0, {"volume_cm3": 2.0}))
SHAPE = (5, 24, 24)
SPACING = np.diag([2.0, 2.0, 4.0, 1.0])


def ball(radius):
    k, j, i = np.mgrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    return np.hypot(j - 12, i - 11) < radius - np.abs(k - 3)


@pytest.fixture
def table(scene):
    """The measurement table of two visits."""
    from HER2ImmunoCommonLib.scene import write_table

    node = scene.AddNewNodeByClass("vtkMRMLTableNode", "Patient 1")
    write_table(VISITS, node)
    return node


@pytest.fixture
def mapped(scene):
    """`mapped(name, unit, value, examination)` is a map of a tumour and the images it was made of."""
    from HER2ImmunoCommonLib.geometry import Volume
    from HER2ImmunoCommonLib.scene import (
        add_segment,
        node_from_volume,
        set_colours,
        set_examination,
        set_origin,
        set_quantity,
    )

    def make(name, unit, value, examination, radius=7.0, top=0.3):
        inside = ball(radius)
        images = node_from_volume(scene, Volume(np.full(SHAPE, 100.0), SPACING), "images")
        set_examination(images, examination)
        node = node_from_volume(scene, Volume(np.where(inside, value, np.nan), SPACING), f"{name} map")
        set_quantity(node, name, unit, name)
        set_colours(node, "", 0.0, top)
        segmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
        set_origin(node, images, segmentation, add_segment(segmentation, inside, "Tumour", images))
        return node

    return make


def kept(table, visit, modality, uid, date=""):
    from HER2ImmunoCommonLib.scene import Source, remember_origin

    remember_origin(table, visit, Source(modality, uid, "series", lambda name: True), date)


def test_a_map_goes_to_the_visit_that_its_images_were_measured_for(table, mapped):
    from HER2ImmunoCommonLib.examination import Examination
    from HER2ImmunoModelLib.scene.visit_maps import maps_of_visits

    kept(table, "baseline", "DCE", "1.2.3")
    kept(table, "day_7", "PET", "1.2.9", "2026-04-06")
    mapped("Ktrans", "1/min", 0.25, Examination(series_uids=("1.2.3",)))
    mapped("Ktrans", "1/min", 0.10, Examination(visit="day_7", day=7.0), top=0.4)
    mapped("TMR", "1", 1.6, Examination(date="2026-04-06"), top=2.5)
    mapped("ve", "1", 0.3, Examination(series_uids=("1.2.3",)))
    mapped("Ktrans", "1/min", 0.9, Examination(series_uids=("7.7.7",)))
    maps, said = maps_of_visits(table, VISITS)
    assert [(each.kind, each.visit, round(each.median, 3)) for each in maps] == [
        ("Ktrans", "baseline", 0.25),
        ("Ktrans", "day_7", 0.1),
        ("Tumour-to-muscle ratio", "day_7", 1.6),
    ]
    assert said == ""
    assert maps[0].overlay == maps[1].overlay
    assert (maps[0].overlay.high, maps[0].overlay.unit, maps[2].overlay.unit) == (0.4, "/min", "")
    assert maps[0].slice_of == (4, 5)
    assert len(np.unique(maps[0].picture.reshape(-1, 3), axis=0)) == 3  # anatomy, one value, outline


def test_a_map_stands_in_the_report_with_scale_unit_and_caption(table, mapped):
    from HER2ImmunoCommonLib.examination import Examination
    from HER2ImmunoModelLib import models
    from HER2ImmunoModelLib.report import SubjectReport
    from HER2ImmunoModelLib.report.maps_part import maps_part
    from HER2ImmunoModelLib.scene.visit_maps import maps_of_visits

    mapped("Ktrans", "1/min", 0.25, Examination(visit="day_7", day=7.0))
    maps, said = maps_of_visits(table, VISITS)
    assert said == "There are no maps of baseline."
    report = SubjectReport("s", models.get("tivnh_treated"), VISITS, None, maps=maps, said_of_maps=said)
    text = "".join(maps_part(report))
    assert re.search(
        r'<img src="data:image/png;base64,[^"]+" alt="Ktrans at day 7, median 0\.25 /min in the tumour', text
    )
    assert "Slice 4 of 5, as acquired.</figcaption>" in text
    assert "<span>0.15 /min</span>" in text
    assert said in text


def test_a_map_outlives_its_segment_and_its_images(table, mapped, scene):
    from HER2ImmunoCommonLib.examination import Examination
    from HER2ImmunoCommonLib.scene import origin_of
    from HER2ImmunoModelLib.scene.visit_maps import maps_of_visits

    node = mapped("Ktrans", "1/min", 0.25, Examination(visit="baseline", day=0.0))
    whole = maps_of_visits(table, VISITS)[0][0]
    images, segmentation, _segment = origin_of(node)
    scene.RemoveNode(segmentation)
    again = maps_of_visits(table, VISITS)[0][0]
    np.testing.assert_array_equal(again.picture, whole.picture)
    from HER2ImmunoCommonLib.scene import put_in_folder

    put_in_folder(scene, [node], "baseline")
    node.SetAttribute("HER2Immuno.Provenance", "{}")
    scene.RemoveNode(images)
    assert maps_of_visits(table, VISITS)[0][0].median == pytest.approx(0.25)


def test_a_scene_without_maps_is_told_of_in_a_sentence(table):
    from HER2ImmunoModelLib.scene.visit_maps import NO_MAPS, maps_of_visits

    assert maps_of_visits(table, VISITS) == ((), NO_MAPS)
