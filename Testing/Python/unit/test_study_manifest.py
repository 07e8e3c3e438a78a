"""A study description names every fault by its entry."""

import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.registration import AlignSettings, Transform, write_transform
from HER2ImmunoStudyLib.study.answers import sorted_by_stage
from HER2ImmunoStudyLib.study.given_spaces import read_spaces
from HER2ImmunoStudyLib.study.manifest import read_study
from QuantDCELib import Choice


@pytest.fixture
def write(tmp_path):
    for name in ("tumour.nrrd", "given.csv"):
        (tmp_path / name).write_text("")
    for name in ("a", "b", "pet"):
        (tmp_path / name).mkdir()

    def write(content):
        (tmp_path / "study.json").write_text(content if isinstance(content, str) else json.dumps(content))
        return tmp_path

    return write


def visit(**entries):
    return {"visit": "baseline", "day": 0, "tumour": "tumour.nrrd", **entries}


def test_a_whole_study_is_read_in_order_of_days(write):
    folder = write(
        {
            "subject": "S1",
            "treatments": "given.csv",
            "visits": [visit(visit="week 1", day=7, dynamic=["a", "b"], pet="pet"), visit()],
            "dce": {"model": "tofts"},
        }
    )
    study = read_study(folder)
    assert [entry.visit for entry in study.visits] == ["baseline", "week 1"]
    assert study.visits[1].dynamic == (folder / "a", folder / "b")
    assert study.visits[0].pet is None
    assert study.species == "human"
    assert study.dce == {"model": "tofts"}
    assert study.treatments == folder / "given.csv"


def test_a_visit_says_which_images_are_meant(write):
    entry = visit(dynamic="a", series="5,6", kind="water", vfa_series=7, vfa_kind="water", frame_interval_s=4)
    found = read_study(write({"visits": [entry]})).visits[0]
    assert (found.dynamic_choice, found.vfa_choice) == (Choice("5,6", "water"), Choice("7", "water"))
    assert found.frame_interval_s == 4.0
    other = read_study(write({"visits": [visit(dynamic="a")]})).visits[0]
    told = sorted_by_stage({"kind": "fat", "vfa_series": "8", "frame_interval_s": "7"}, ()).about(other)
    assert (told.dynamic_choice, told.vfa_choice, told.frame_interval_s) == (Choice("", "fat"), Choice("8"), 7.0)
    with pytest.raises(InputError, match="frame_interval_s is 'soon'"):
        sorted_by_stage({"frame_interval_s": "soon"}, ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", ["not a study description"]),
        ([], ["lists no visits"]),
        ({"visits": []}, ["lists no visits"]),
        ({"visits": [visit()], "species": "rabbit"}, ["rabbit", "human, mouse"]),
        ({"visits": ["a"]}, ["visit 1"]),
        ({"visits": [{"day": 0}]}, ["visit 1", "no name"]),
        ({"visits": [visit(day="monday")]}, ["visit 1", "'monday'"]),
        ({"visits": [{"visit": "a", "day": 0}]}, ["'tumour'", "segment"]),
        ({"visits": [visit(series=[5])]}, ["visit 1", "'series'", "[5]"]),
        ({"visits": [visit(frame_interval_s="4 s")]}, ["visit 1", "'frame_interval_s'", "seconds"]),
        ({"visits": [visit(pet="nowhere")]}, ["visit 1", "'pet'", "nowhere"]),
        ({"visits": [visit(dynamic=["a", 3])]}, ["visit 1", "'dynamic'"]),
        ({"visits": [visit(), visit(day=7)]}, ["two visits", "'baseline'"]),
        ({"visits": [visit(), visit(visit="b")]}, ["two visits", "day 0"]),
        ({"visits": [visit()], "dce": "tofts"}, ["'dce'"]),
        ({"visits": [visit()], "treatments": "none.csv"}, ["'treatments'", "none.csv"]),
    ],
)
def test_a_bad_description_is_refused_by_its_entry(write, content, words):
    folder = write(content)
    with pytest.raises(InputError) as caught:
        read_study(folder)
    for word in ["study.json", *words]:
        assert word in str(caught.value)


def test_a_missing_description_is_named(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_study(tmp_path)


SHIFT = Transform.from_matrix([[1, 0, 0, 5], [0, 1, 0, -3], [0, 0, 1, 8], [0, 0, 0, 1]])


def described(write, content, **entries):
    """A study of two visits with MR; `entries` are those of the second."""
    visits = [visit(dynamic="a"), visit(visit="week 3", day=21, dynamic="b", **entries)]
    return read_study(write({"visits": visits, **content}))


def test_a_study_says_what_is_aligned_to_what(write):
    study = described(write, {"register": {"kind": "rigid"}, "reference_visit": "week 3", "tracking_uid": "2.25.7"})
    assert study.reference.visit == "week 3"
    assert read_spaces(study).settings == AlignSettings(kind="rigid")
    assert study.tracking_uid == "2.25.7"
    study = described(write, {})
    assert (study.reference_visit, read_spaces(study).settings) == ("baseline", None)
    assert read_spaces(described(write, {"register": True})).settings == AlignSettings()
    assert described(write, {"register": False}).register is None
    without_mr = read_study(write({"visits": [visit(), visit(visit="week 3", day=21, dynamic="a")]}))
    assert without_mr.reference_visit == "week 3"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"reference_visit": "Week 3"}, ["'reference_visit'", "did you mean 'week 3'"]),
        ({"refrence_visit": "week 3"}, ["did you mean 'reference_visit'"]),
        ({"register": "yes"}, ["'register'", "true, false"]),
        ({"tracking_uid": "1.02.3"}, ["'tracking_uid'", "no UID"]),
        ({"reference_visit": "week 3"}, ["visit week 3", "'transform'", "reference visit"]),
    ],
)
def test_bad_entries_are_refused_by_name(write, tmp_path, content, words):
    (tmp_path / "t.tfm").write_text("")
    with pytest.raises(InputError) as refused:
        described(write, content, transform="t.tfm")
    assert all(word in str(refused.value) for word in words)


def test_files_and_settings_are_read_before_the_work(write, tmp_path):
    (tmp_path / "t.tfm").write_text("nothing")
    with pytest.raises(InputError, match=r"Visit week 3, 'transform': t\.tfm could not be read"):
        read_spaces(described(write, {}, transform="t.tfm"))
    (tmp_path / "marks.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"Visit week 3, 'landmarks': .*fixed_r_mm"):
        read_spaces(described(write, {"register": True}, landmarks="marks.csv"))
    with pytest.raises(InputError, match="registration setting 'knid'; did you mean 'kind'"):
        read_spaces(described(write, {"register": {"knid": "rigid"}}))
    path = write_transform(SHIFT, tmp_path / "good.h5")
    spaces = read_spaces(described(write, {}, transform=path.name, pet_transform=path.name, pet="pet"))
    np.testing.assert_allclose(spaces.visits[1].pet_transform.matrix, SHIFT.matrix, atol=1e-9)


def test_entries_of_no_use_are_told(write, tmp_path):
    (tmp_path / "marks.csv").write_text("")
    (tmp_path / "t.tfm").write_text("")
    found = described(write, {}, landmarks="marks.csv", pet_transform="t.tfm", attenuation="pet").visits[1].remarks
    assert sum("is not used" in text for text in found) == 3
    both = described(write, {}, pet="pet", pet_transform="t.tfm", attenuation="pet").visits[1].remarks
    assert any("'pet_transform' says" in text for text in both)
