"""What of a visit is aligned: the frames before contrast agent of a dynamic, never those in which a tumour enhances."""

from __future__ import annotations

import dce_dicom
import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import QuestionsError
from HER2ImmunoCommonLib.geometry import Volume, write_volume
from HER2ImmunoStudyLib.cli.align.images import read_visit
from HER2ImmunoStudyLib.cli.align.options import VisitInputs
from QuantDCELib import Choice, read_dynamic

RISE = (100, 102, 98, 100, 300, 400)


def test_the_frames_before_contrast_agent_are_averaged(tmp_path):
    dce_dicom.write_frames(tmp_path, value=lambda k, t: 10 * k + RISE[t], PatientPosition="HFP")
    found = read_visit(VisitInputs(tmp_path))
    np.testing.assert_allclose(found.volume.array[:, 0, 0], [100, 110, 120])
    np.testing.assert_array_equal(found.volume.ijk_to_ras, read_dynamic(tmp_path).series.ijk_to_ras)
    assert found.source["frames"] == "mean of frames 1 to 4, before contrast agent"
    assert found.examination.patient_position == "HFP"


def test_the_tumour_tells_when_the_agent_comes(tmp_path):
    """Where most of the images rises late, as with a heart in them, the curve of the tumour decides."""
    early = np.zeros((3, 4, 5), bool)
    early[1] = True
    folder = tmp_path / "MR"
    dce_dicom.write_frames(folder, value=lambda k, t: 100 + (80 * (t > 1) if k == 1 else 900 * (t > 3)))
    tumour = write_volume(Volume(early, read_dynamic(folder).series.ijk_to_ras), tmp_path / "tumour.nrrd")
    assert read_visit(VisitInputs(folder)).source["frames"].startswith("mean of frames 1 to 4")
    assert read_visit(VisitInputs(folder, tumour)).source["frames"].startswith("mean of frames 1 to 2")


def test_a_series_that_never_rises_gives_its_first_frame_and_says_so(tmp_path):
    dce_dicom.write_frames(tmp_path, value=lambda k, t: 200 - 10 * t)
    found = read_visit(VisitInputs(tmp_path))
    assert found.volume.array.max() == 200
    assert found.source["frames"] == "frame 1, the first"
    assert any("first frame was aligned" in text for text in found.warnings)


def test_one_volume_is_taken_whole_and_one_of_several_series_is_chosen(tmp_path):
    dce_dicom.write_frames(tmp_path, range(1), value=7, SeriesDescription="t1")
    np.testing.assert_array_equal(read_visit(VisitInputs(tmp_path)).volume.array, np.full((3, 4, 5), 7))
    dce_dicom.write_frames(tmp_path, series=8, value=lambda k, t: RISE[t])
    assert read_visit(VisitInputs(tmp_path, choice=Choice(series="t1"))).volume.array.max() == 7
    assert read_visit(VisitInputs(tmp_path, choice=Choice(series="8"))).volume.array.max() == 100


def test_several_series_of_ct_are_a_question(tmp_path):
    for series in (1, 2):
        dce_dicom.write_frames(tmp_path, range(1), series=series, Modality="CT")
    with pytest.raises(QuestionsError) as asked:
        read_visit(VisitInputs(tmp_path))
    assert [one.key for one in asked.value.questions] == ["series"]
    assert read_visit(VisitInputs(tmp_path, choice=Choice(series="2"))).volume.array.shape == (3, 4, 5)
