"""Whether images are of one examination: by study, space, day and patient, also where some are scrubbed."""

from dataclasses import replace

import pytest
from HER2ImmunoCommonLib.dicom import examination_of
from HER2ImmunoCommonLib.dicom.series import series_of
from HER2ImmunoCommonLib.examination import Examination, Kinship, first_date, from_json, kinship, lying_apart
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

BASELINE = Examination("1.1", "1.5", ("1.1.1",), "p", "2024-03-04")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Kinship.SAME),
        ({"series_uids": ("1.1.2",)}, Kinship.SAME),
        ({"study_uid": "1.2", "series_uids": ()}, Kinship.SAME),  # one space, one day
        ({"study_uid": "1.2", "series_uids": (), "frame_of_reference_uid": "1.6"}, Kinship.SAME_DAY),
        ({"study_uid": "1.2", "series_uids": (), "date": "2024-03-11"}, Kinship.OTHER),  # registered to the first
        ({"study_uid": "1.2", "series_uids": (), "date": "", "frame_of_reference_uid": "1.6"}, Kinship.OTHER),
        ({"study_uid": "", "series_uids": (), "date": "", "frame_of_reference_uid": ""}, Kinship.UNKNOWN),
        ({"patient": "q"}, Kinship.OTHER),
    ],
)
def test_kinship_is_told_by_patient_study_day_and_space(changes, expected):
    other = replace(BASELINE, **changes)
    assert kinship(BASELINE, other) is expected
    assert kinship(other, BASELINE) is expected


def test_one_study_holds_images_of_two_days():
    """An examination past midnight has one study."""
    assert kinship(BASELINE, replace(BASELINE, date="2024-03-05")) is Kinship.SAME


def test_nothing_known_is_no_kinship():
    assert kinship(Examination(), Examination()) is Kinship.UNKNOWN
    assert not Examination()


def test_days_are_counted_between_dates():
    assert replace(BASELINE, date="2024-03-11").days_after(BASELINE.date) == 7.0
    assert BASELINE.days_after("") is None
    assert first_date([replace(BASELINE, date=""), replace(BASELINE, date="2024-03-11"), BASELINE]) == "2024-03-04"
    assert first_date([]) == ""


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("HFP", "FFS", "prone at one examination and supine"),
        ("hfs ", "HFDR", "supine at one examination and on the right side"),
        ("HFP", "FFP", ""),
        ("HFP", "", ""),
        ("HFP", "unknown", ""),
    ],
)
def test_it_is_told_where_the_patient_lay_another_way(one, other, said):
    told = lying_apart(one, other)
    assert said in told
    assert bool(told) == bool(said)


def test_text_gives_the_examination_back():
    named = replace(BASELINE, visit="day_7", day=7.0)
    assert from_json(named.to_json()) == named
    assert from_json('{"study_uid": "1.1", "of_a_later_version": 3}') == Examination("1.1")


def header(**values):
    dataset = Dataset()
    dataset.filename = "1.dcm"
    for name, value in ({"SeriesInstanceUID": "1.1.1", "StudyInstanceUID": "1.1"} | values).items():
        dataset[name] = DataElement(name, dictionary_VR(name), value, validation_mode=IGNORE)
    return dataset


def test_headers_give_the_examination_and_no_name_of_the_patient():
    series = series_of([header(StudyDate="20240304", FrameOfReferenceUID="1.5", PatientID="Muster")])
    found = examination_of([series])
    assert replace(found, patient="") == Examination("1.1", "1.5", ("1.1.1",), "", "2024-03-04")
    assert found.patient
    assert "Muster" not in found.to_json()


@pytest.mark.parametrize(
    ("values", "date"),
    [
        ({}, ""),
        ({"StudyDate": ""}, ""),
        ({"StudyDate": "removed"}, ""),
        ({"StudyDate": "", "AcquisitionDate": "20240304"}, "2024-03-04"),
    ],
)
def test_scrubbed_headers_say_nothing(values, date):
    found = examination_of([series_of([header(**values)])])
    assert (found.date, found.patient) == (date, "")
