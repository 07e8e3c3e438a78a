"""A study description names every fault by its entry."""

import json

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoStudyLib.study.manifest import answered, read_study
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
    assert answered(found, {"kind": "fat", "frame_interval_s": "7"}) == found
    other = read_study(write({"visits": [visit(dynamic="a")]})).visits[0]
    told = answered(other, {"kind": "fat", "vfa_series": "8", "frame_interval_s": "7"})
    assert (told.dynamic_choice, told.vfa_choice, told.frame_interval_s) == (Choice("", "fat"), Choice("8"), 7.0)
    with pytest.raises(InputError, match="frame_interval_s is 'soon'"):
        answered(other, {"frame_interval_s": "soon"})


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
