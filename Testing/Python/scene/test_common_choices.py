"""What is proposed and offered for an examination, and the row of a visit, written once and known again."""

from types import SimpleNamespace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.examination import Examination
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.measurements import Measurement

FIELDS = "segmentation", "segmentId"


@pytest.fixture
def parameters():
    return SimpleNamespace(segmentation=None, segmentId="", StartModify=lambda: 0, EndModify=lambda was: was)


def image(scene, name, uid="", date=""):
    from HER2ImmunoCommonLib.scene import node_from_volume, set_examination

    node = node_from_volume(scene, Volume(np.zeros((2, 2, 2)), np.eye(4)), name)
    set_examination(node, Examination(uid, date=date))
    return node


def regions(scene, *names, of=None):
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    if of is not None:
        node.SetReferenceImageGeometryParameterFromVolumeNode(of)
    for name in names:
        node.GetSegmentation().AddEmptySegment(name, name)
    return node


def propose(parameters, chosen, alone=False):
    from HER2ImmunoCommonLib.scene import TUMOUR, propose_segment

    return [each.text for each in propose_segment(parameters, chosen, "Tumour", TUMOUR, FIELDS, alone=alone)]


@pytest.mark.parametrize("name", ["Tumour", "tumor left", "index lesion", "GTV 1"])
def test_the_one_segment_called_a_tumour_is_proposed(scene, parameters, name):
    chosen = image(scene, "PET", "1.2")
    node = regions(scene, "muscle", name, of=chosen)
    assert propose(parameters, chosen) == [f"Tumour: {name} of Regions."]
    assert (parameters.segmentation, parameters.segmentId) == (node, name)


@pytest.mark.parametrize("names", [("muscle",), ("Tumour", "Tumour rim")])
def test_nothing_is_proposed_where_none_or_several_can_be_meant(scene, parameters, names):
    chosen = image(scene, "PET", "1.2")
    regions(scene, *names, of=chosen)
    assert propose(parameters, chosen) == []
    assert parameters.segmentation is None


def test_what_a_person_chose_stays(scene, parameters):
    chosen = image(scene, "PET", "1.2")
    regions(scene, "Tumour", of=chosen)
    parameters.segmentation = mine = regions(scene, "mine", of=chosen)
    assert propose(parameters, chosen) == []
    assert parameters.segmentation is mine


def test_a_segment_of_another_examination_is_never_proposed(scene, parameters):
    chosen, other = image(scene, "PET", "1.2"), image(scene, "PET of another", "1.3")
    regions(scene, "Tumour", of=other)
    assert propose(parameters, chosen, alone=True) == []


def test_a_segment_of_nobody_knows_what_is_proposed_only_for_the_one_image(scene, parameters):
    chosen = image(scene, "PET", "1.2")
    regions(scene, "Tumour")
    assert propose(parameters, chosen, alone=False) == []
    assert propose(parameters, chosen, alone=True) == ["Tumour: Tumour of Regions."]


def test_what_was_proposed_is_not_asked_for():
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from HER2ImmunoCommonLib.scene import Change, with_proposals

    told = [Change("Tumour: A is not of this examination; choose it anew.", asks=True), Change("Visit: b.", asks=True)]
    proposed = [Change("Tumour: B of C.")]
    assert with_proposals(told, proposed) == [told[1], *proposed]
    assert with_proposals(told, []) == told


def test_images_are_offered_by_day(scene):
    from HER2ImmunoCommonLib.scene import offered_images

    nodes = [
        image(scene, "no day"),
        image(scene, "late", "1.3", "2024-05-01"),
        image(scene, "early", "1.2", "2024-03-04"),
    ]
    offered = offered_images(nodes)
    assert [each.title for each in offered] == ["early (2024-03-04)", "late (2024-05-01)", "no day"]
    assert [each.key for each in offered] == [nodes[2].GetID(), nodes[1].GetID(), nodes[0].GetID()]


ROW = Measurement("baseline", 0.0, {"suv_max": 2.5, "volume_cm3": 3.0})


@pytest.fixture
def source():
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from HER2ImmunoCommonLib.scene import Source

    return Source("PET", "1.2.3", "PET", lambda name: name.startswith("suv"))


def test_a_row_is_known_again_by_its_values_its_day_and_its_series(scene, source):
    from HER2ImmunoCommonLib.scene import Source, is_kept, put_row

    assert not is_kept(None, ROW, source)
    table, notes = put_row(scene, None, ROW, source, date="2024-03-04")
    assert notes == ()
    assert is_kept(table, ROW, source)
    assert not is_kept(table, Measurement("baseline", 1.0, ROW.values), source)
    assert not is_kept(table, Measurement("baseline", 0.0, {"suv_max": 2.6}), source)
    assert not is_kept(table, Measurement("day_7", 0.0, ROW.values), source)
    assert not is_kept(table, ROW, Source("PET", "another", "PET", source.is_own))
    assert not is_kept(table, ROW, Source("DCE", source.identity, "PET", source.is_own))


def test_a_refused_row_leaves_the_scene_as_it_was(scene, source):
    from HER2ImmunoCommonLib.scene import Source, put_row, read_table

    table, _notes = put_row(scene, None, ROW, source)
    before, count = read_table(table), scene.GetNumberOfNodes()
    with pytest.raises(InputError, match="cannot also be on day 3"):
        put_row(scene, table, Measurement("baseline", 3.0, ROW.values), source)
    with pytest.raises(QuestionsError, match="Write yes to replace them"):
        put_row(scene, table, ROW, Source("PET", "another", "PET 2", source.is_own))
    assert (read_table(table), scene.GetNumberOfNodes()) == (before, count)


def test_a_row_of_another_series_is_replaced_once_that_is_allowed(scene, source):
    from HER2ImmunoCommonLib.scene import Source, is_kept, put_row

    table, _notes = put_row(scene, None, ROW, source)
    other = Source("PET", "another", "PET 2", source.is_own)
    row = Measurement("baseline", 0.0, {"suv_max": 3.1})
    put_row(scene, table, row, other, allowed=other.claim("baseline"))
    assert is_kept(table, row, other)
    assert not is_kept(table, ROW, source)
