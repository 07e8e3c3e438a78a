"""The visits of the scene: grouped by patient and date, named, with their doubts in words, the same after saving."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.examination import Examination
from visit_scene import DATES, PATIENT, add_dynamic, add_image, add_map, add_visit


@pytest.fixture
def three(scene):
    """Three visits of a patient, the last loaded first; a PET of the second, which is another study."""
    made = [add_visit(scene, f"V{n + 1}", DATES[n]) for n in (2, 1, 0)][::-1]
    add_image(scene, "V2 PET", Examination("9.9", "", ("9.9.1",), PATIENT, DATES[1]), unit="Bq/mL")
    return made


def found_in(scene):
    from HER2ImmunoCommonLib.scene import visits_of

    return visits_of(scene)


def doubts(visit):
    return " ".join(visit.doubts)


def test_visits_are_found_by_date_with_what_each_has(scene, three):
    import slicer

    found = found_in(scene)
    assert [(visit.name, visit.day, visit.date) for visit in found.visits] == [
        ("baseline", 0.0, DATES[0]),
        ("day_7", 7.0, DATES[1]),
        ("day_21", 21.0, DATES[2]),
    ]
    assert [visit.dynamic for visit in found.visits] == [made.dynamic for made in three]
    assert [visit.segmentation for visit in found.visits] == [made.regions for made in three]
    assert [visit.pet for visit in found.visits] == [None, slicer.util.getNode("V2 PET"), None]
    assert all(not visit.doubts for visit in found.visits)
    assert found.unplaced == ()


def test_maps_go_with_the_images_they_were_made_of(scene, three):
    maps = [add_map(scene, three[n]) for n in (0, 2)]
    found = found_in(scene)
    assert [visit.maps for visit in found.visits] == [(maps[0],), (), (maps[1],)]


def test_flip_angles_are_of_the_visit_and_no_dynamic(scene, three):
    from HER2ImmunoCommonLib.scene import FRAME_LABELS, TIME_TAG, TIME_UNIT, set_examination

    vfa = add_dynamic(scene, "angles", np.ones((10, 24, 26)), frames=3)
    for name, text in ((FRAME_LABELS, "2,10,20"), (TIME_TAG, "FlipAngle"), (TIME_UNIT, "degrees")):
        vfa.SetAttribute(name, text)
    set_examination(vfa, Examination(f"1.2.{DATES[1]}.{PATIENT}", patient=PATIENT, date=DATES[1]))
    assert [visit.vfa for visit in found_in(scene).visits] == [None, vfa, None]
    assert len(found_in(scene).visits) == 3


def test_a_folder_tells_of_images_that_say_nothing(scene):
    from HER2ImmunoCommonLib.scene import put_in_folder

    nodes = [(add_dynamic(scene, f"D{n}", np.ones((10, 24, 26))), add_visit(scene, f"R{n}").regions) for n in (1, 2)]
    for each, _regions in nodes:
        put_in_folder(scene, [each], f"Visit {each.GetName()}")
    found = found_in(scene)
    unknown = [visit for visit in found.visits if not visit.date]
    assert [visit.name for visit in unknown] == ["Visit D1", "Visit D2"]
    assert all("have no date; give its day" in doubts(visit) for visit in unknown)
    assert all("do not tell of which patient" in doubts(visit) for visit in unknown)


def test_an_image_that_nothing_is_known_of_is_of_no_visit(scene, three):
    add_image(scene, "MRHead", Examination())
    found = found_in(scene)
    assert len(found.visits) == 3
    assert found.unplaced == ("MRHead",)


def test_two_examinations_of_one_day_are_two_visits(scene):
    add_visit(scene, "morning", study="1.1")
    add_visit(scene, "evening", study="1.2")
    found = found_in(scene)
    assert [visit.name for visit in found.visits] == ["baseline (morning dynamic)", "baseline (evening dynamic)"]
    assert "is on the same day" in doubts(found.visits[0])
    assert "is on the same day" in doubts(found.visits[1])


def test_two_series_of_one_study_are_one_visit_and_it_says_which_is_used(scene):
    first, second = add_visit(scene, "first"), add_visit(scene, "second", tumour="")
    add_map(scene, type(first)(second.dynamic, first.regions, first.tumour, first.mask, first.values))
    (visit,) = found_in(scene).visits
    assert visit.dynamic is second.dynamic
    assert "has 2 dynamic series; second dynamic is used, and not first dynamic" in doubts(visit)


def add_corrected(scene, measured, name="corrected"):
    from HER2ImmunoCommonLib.scene import examination_of, set_corrected_from, set_examination

    corrected = add_dynamic(scene, name, np.ones((10, 24, 26)))
    set_examination(corrected, examination_of(measured))
    set_corrected_from(corrected, measured)
    return corrected


def test_a_corrected_series_is_used_and_is_no_second_examination(scene):
    first = add_visit(scene, "first")
    corrected = add_corrected(scene, first.dynamic)
    (visit,) = found_in(scene).visits
    assert visit.dynamic is corrected
    assert set(visit.images) == {corrected, first.dynamic}
    assert "dynamic series" not in doubts(visit)


def test_what_was_chosen_for_a_visit_stays_when_its_series_is_corrected(scene, three):
    from HER2ImmunoCommonLib.scene import choose_tumour, has_no_tumour, reference_of, set_reference

    found = found_in(scene)
    set_reference(found, found.visits[1])
    choose_tumour(found.visits[1], None)
    corrected = add_corrected(scene, three[1].dynamic)
    visits = found_in(scene).visits
    assert reference_of(visits) is visits[1]
    assert has_no_tumour(visits[1])
    assert visits[1].dynamic is corrected


def test_the_measured_series_is_used_where_it_alone_has_results(scene):
    first = add_visit(scene, "first")
    corrected = add_corrected(scene, first.dynamic)
    add_map(scene, first)
    assert found_in(scene).visits[0].dynamic is first.dynamic
    add_map(scene, type(first)(corrected, first.regions, first.tumour, first.mask, first.values))
    assert found_in(scene).visits[0].dynamic is corrected


def test_a_corrected_series_of_images_that_say_nothing_is_of_their_visit(scene):
    from HER2ImmunoCommonLib.scene import put_beside, put_in_folder

    measured = add_dynamic(scene, "D1", np.ones((10, 24, 26)))
    put_in_folder(scene, [measured], "Visit 1")
    put_beside(scene, add_corrected(scene, measured), measured)
    (visit,) = found_in(scene).visits
    assert (visit.name, visit.dynamic.GetName()) == ("Visit 1", "corrected")
    assert "dynamic series" not in doubts(visit)


def test_a_third_series_beside_a_corrected_one_is_still_doubtful(scene):
    first, second = add_visit(scene, "first"), add_visit(scene, "second", tumour="")
    add_corrected(scene, first.dynamic)
    (visit,) = found_in(scene).visits
    assert "has 2 dynamic series; corrected is used, and not second dynamic" in doubts(visit)
    scene.RemoveNode(first.dynamic)
    assert {each.GetName() for each in found_in(scene).visits[0].images} == {"corrected", second.dynamic.GetName()}


def test_what_is_missing_is_said(scene):
    add_visit(scene, "V1", tumour="")
    add_image(scene, "late PET", Examination("9", patient=PATIENT, date=DATES[2]), unit="Bq/mL")
    first, last = found_in(scene).visits
    assert "Nothing is segmented" in doubts(first)
    assert "There is no MR of this visit" in doubts(last)
    assert last.anatomy is None


def test_another_patient_is_named(scene, three):
    add_visit(scene, "other", DATES[1], patient="patient-2")
    found = found_in(scene)
    others = [visit for visit in found.visits if visit.patient == "patient-2"]
    assert [visit.name for visit in others] == ["baseline"]
    assert "It is of another patient than" in doubts(others[0])
    assert "within a patient" in doubts(others[0])
    mine = [visit for visit in found.visits if visit.patient == PATIENT]
    assert all("another patient" not in doubts(visit) for visit in mine)


def test_names_and_days_are_kept_with_every_node(scene, three):
    from HER2ImmunoCommonLib.scene import examination_of, rename_visit, set_day

    found = found_in(scene)
    rename_visit(found, found.named("day_7"), "C2")
    found = found_in(scene)
    set_day(found, found.named("C2"), 8.0)
    visit = found_in(scene).named("C2")
    assert visit.day == 8.0
    for node in (three[1].dynamic, three[1].regions, visit.pet):
        assert (examination_of(node).visit, examination_of(node).day) == ("C2", 8.0)
    assert "day 8 does not fit its date: it is +7 days from baseline, day 0" in doubts(visit)
    assert [other.day for other in found_in(scene).visits] == [0.0, 8.0, 21.0]


def test_a_name_is_refused_that_another_visit_has(scene, three):
    from HER2ImmunoCommonLib.scene import rename_visit

    found = found_in(scene)
    for name, said in (("baseline", "Another visit is called baseline"), ("  ", "A visit needs a name")):
        with pytest.raises(InputError, match=said):
            rename_visit(found, found.named("day_7"), name)
    assert [visit.name for visit in found_in(scene).visits] == ["baseline", "day_7", "day_21"]


def test_day_zero_counts_the_others_anew(scene, three):
    from HER2ImmunoCommonLib.scene import set_day_zero

    found = found_in(scene)
    assert set_day_zero(found, found.named("day_7")) == DATES[1]
    assert [(visit.name, visit.day) for visit in found_in(scene).visits] == [
        ("day_-7", -7.0),
        ("baseline", 0.0),
        ("day_14", 14.0),
    ]


def test_a_patient_has_one_reference(scene, three):
    from HER2ImmunoCommonLib.scene import reference_of, set_reference

    found = found_in(scene)
    assert reference_of(found.visits).name == "baseline"
    set_reference(found, found.named("day_21"))
    set_reference(found, found.named("day_7"))
    assert reference_of(found_in(scene).visits).name == "day_7"
    scene.RemoveNode(three[1].dynamic)
    assert reference_of(found_in(scene).visits).name == "baseline"


def test_the_tumour_is_what_was_chosen_or_alone_is_called_so(scene, three):
    from HER2ImmunoCommonLib.scene import add_segment, choose_tumour, tumour_of

    first, second, _third = found_in(scene).visits
    assert tumour_of(first).segment_id == three[0].tumour
    again = add_segment(three[1].regions, three[1].mask, "second lesion", _shown(three[1].dynamic))
    assert tumour_of(second) is None
    choose_tumour(second, three[1].regions, again)
    assert tumour_of(second).name == "second lesion"
    choose_tumour(second, None)
    assert tumour_of(second) is None
    three[1].regions.GetSegmentation().RemoveSegment(again)
    choose_tumour(second, three[1].regions, again)
    assert tumour_of(second).segment_id == three[1].tumour


def test_one_tumour_has_one_tracking_uid(scene, three):
    from HER2ImmunoCommonLib.scene import set_tracking_uid, tumour_of
    from HER2ImmunoCommonLib.scene.alignment import track_tumours

    first, second, third = found_in(scene).visits
    set_tracking_uid(three[1].regions, three[1].tumour, "2.25.7")
    assert track_tumours(first, [third]) == ()
    uid = tumour_of(first).uid
    assert uid == tumour_of(third).uid != ""
    (different,) = track_tumours(first, [second, third])
    assert different == "Tumour of V2 regions"
    assert tumour_of(second).uid == "2.25.7"


def test_a_tumour_is_known_again_by_its_uid(scene):
    from HER2ImmunoCommonLib.scene import set_tracking_uid, tumour_of

    first = add_visit(scene, "V1")
    second = add_visit(scene, "V2", DATES[1], tumour="index region")
    for made in (first, second):
        set_tracking_uid(made.regions, made.tumour, "2.25.12")
    visits = found_in(scene).visits
    assert tumour_of(visits[1]) is None
    assert tumour_of(visits[1], tumour_of(visits[0])).name == "index region"


def test_a_saved_scene_has_all_of_it(scene, three, tmp_path):
    from HER2ImmunoCommonLib.scene import (
        choose_tumour,
        place_visit,
        reference_of,
        rename_visit,
        save_mrb,
        set_reference,
        set_tracking_uid,
        transform_to,
        tumour_of,
    )
    from HER2ImmunoCommonLib.scene.standalone import load_mrb

    found = found_in(scene)
    rename_visit(found, found.named("day_7"), "C2")
    found = found_in(scene)
    set_reference(found, found.named("C2"))
    choose_tumour(found.named("day_21"), three[2].regions, three[2].tumour)
    set_tracking_uid(three[2].regions, three[2].tumour, "2.25.3")
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "mine")
    place_visit(found.named("day_21"), found.named("C2"), node)
    save_mrb(scene, tmp_path / "visits.mrb")
    load_mrb(scene, tmp_path / "visits.mrb")
    again = found_in(scene)
    assert [(visit.name, visit.day) for visit in again.visits] == [("baseline", 0.0), ("C2", 7.0), ("day_21", 21.0)]
    assert reference_of(again.visits).name == "C2"
    assert transform_to(again.named("day_21"), again.named("C2")).GetName() == "mine"
    assert transform_to(again.named("baseline"), again.named("C2")) is None
    assert (tumour_of(again.named("day_21")).name, tumour_of(again.named("day_21")).uid) == ("Tumour", "2.25.3")


def test_the_folder_of_a_visit_goes_on_being_called_like_it(scene):
    import slicer
    from HER2ImmunoCommonLib.scene import put_in_folder, rename_visit

    made = add_visit(scene, "V1")
    folder = put_in_folder(scene, [made.dynamic, made.regions], "P-01: baseline")
    found = found_in(scene)
    assert found.visits[0].folder == folder
    rename_visit(found, found.visits[0], "C1")
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    assert hierarchy.GetItemName(folder) == "P-01: C1"


def test_a_visit_whose_images_are_deleted_is_gone(scene, three):
    for node in (three[1].dynamic, three[1].regions):
        scene.RemoveNode(node)
    assert [visit.name for visit in found_in(scene).visits] == ["baseline", "day_7", "day_21"]  # its PET is there
    assert "There is no MR" in doubts(found_in(scene).named("day_7"))


def _shown(sequence):
    import slicer

    return slicer.modules.sequences.logic().GetFirstBrowserNodeForSequenceNode(sequence).GetProxyNode(sequence)
