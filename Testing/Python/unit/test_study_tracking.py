"""One tumour has one UID over visits and runs; nothing of the patient is in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import study_visits as made
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.privacy import shareable
from HER2ImmunoCommonLib.tracking import checked_tracking_uid, is_tracking_uid, new_tracking_uid
from HER2ImmunoStudyLib.study.tracking_file import TRACKING, tracking_uid, write_tracking

STUDY = made.study((made.visit("baseline", 0.0),))


def test_a_new_uid_is_one_of_chance():
    found = {new_tracking_uid() for _ in range(20)}
    assert len(found) == 20
    assert all(is_tracking_uid(uid) and uid.startswith("2.25.") for uid in found)


@pytest.mark.parametrize("text", ["", "2", "2.25.", "2.025", "3.1", "1.2.a", "2.25." + 60 * "1", 2.25, None])
def test_what_is_no_uid_is_refused(text):
    assert not is_tracking_uid(text)
    with pytest.raises(InputError, match=r"study\.json: 'tracking_uid' is .*no UID"):
        checked_tracking_uid(text, "study.json: 'tracking_uid'")


def test_it_is_kept_over_runs_of_one_study(tmp_path):
    uid = tracking_uid(STUDY, tmp_path)
    write_tracking(STUDY, uid, tmp_path)
    assert tracking_uid(STUDY, tmp_path) == uid
    more = replace(STUDY, visits=(*STUDY.visits, made.visit("week_3", 21.0).visit))
    assert tracking_uid(more, tmp_path) == uid
    assert tracking_uid(STUDY, tmp_path / "elsewhere") != uid
    assert tracking_uid(replace(STUDY, tracking_uid="2.25.5"), tmp_path) == "2.25.5"


def test_another_patient_gets_another(tmp_path):
    uid = tracking_uid(STUDY, tmp_path)
    write_tracking(STUDY, uid, tmp_path)
    assert tracking_uid(replace(STUDY, subject="S2"), tmp_path) != uid
    assert tracking_uid(replace(STUDY, visits=(made.visit("first", 0.0).visit,)), tmp_path) != uid


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"subject": "S1"}', '{"subject": "S1", "visits": [], "tracking_uid": 3}']
)
def test_a_file_that_is_none_is_passed_over(tmp_path, content):
    (tmp_path / TRACKING).write_text(content)
    assert is_tracking_uid(tracking_uid(STUDY, tmp_path))


def test_records_tell_it_and_no_other_uid():
    told = shareable({"tracking_uid": "2.25.123456789012", "series_uid": "2.25.123456789012"})
    assert told == {"tracking_uid": "2.25.123456789012", "series_uid": "(UID)"}
