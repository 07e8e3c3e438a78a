"""Where the SUV factor is read from: folders, files and headers, several series, a real scanner."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from HER2ImmunoCommonLib.dicom import scan
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Cancelled
from PETHypoxiaLib import suv_factor
from pydicom import dcmread

T = 6586.2
W, D = 70.0, 370e6
TWO_HOURS = 1000 * W / (D * 2 ** (-7200 / T))


def test_two_pet_series_are_a_question(pet_series):
    first = pet_series({"SeriesNumber": 3}, name="both/a", n=1)
    pet_series({"SeriesNumber": 4, "RadionuclideTotalDose": 185e6}, name="both/b", n=1)
    asked = suv_factor(first.parent)
    assert (asked.status, asked.questions[0].key) == ("ask", "series")
    assert suv_factor(first.parent, overrides={"series": "4"}).factors[0] == pytest.approx(2 * TWO_HOURS)
    uid = str(dcmread(first / "000.dcm").SeriesInstanceUID)
    assert suv_factor(first.parent, overrides={"series": uid}).factors[0] == pytest.approx(TWO_HOURS)
    assert "no PET series 9" in suv_factor(first.parent, overrides={"series": "9"}).reason


def test_the_uncorrected_twin_of_a_series_and_its_ct_are_passed_over(pet_series):
    folder = pet_series(name="all/ac", n=2)
    pet_series({"CorrectedImage": ["DECY"]}, name="all/nac", n=2)
    pet_series({"Modality": "CT", "Units": None}, name="all/ct", n=2)
    assert suv_factor(folder.parent).factors == pytest.approx([TWO_HOURS] * 2)


def test_headers_files_and_folder_give_the_same(pet_series):
    folder = pet_series(n=2)
    files = sorted(folder.iterdir())
    headers = [dcmread(path) for path in files]
    for source in (folder, str(folder), files, headers, scan(folder)[0], files[0]):
        assert suv_factor(source).factors[0] == TWO_HOURS == pytest.approx(TWO_HOURS)


@pytest.mark.parametrize("source", [[], "nowhere"])
def test_nothing_to_read_is_an_error(source):
    with pytest.raises(InputError):
        suv_factor(source)


def test_reading_can_be_cancelled(pet_series):
    def stop(fraction, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        suv_factor(pet_series(), report=stop)


def test_the_real_ge_series(capsys):
    data = Path(os.environ.get("HER2IMMUNO_DATA", Path(__file__).resolve().parents[4] / "shared/data"))
    folder = data / "pet/sts001_fdg_ge/image"
    if not folder.is_dir():
        pytest.skip("the reference data (HER2IMMUNO_DATA) are not here")
    (series,) = scan(folder)
    started = time.perf_counter()
    result = suv_factor(series)
    seconds = time.perf_counter() - started
    with capsys.disabled():
        print(f"\nSUV factor of {len(series.headers)} slices: {seconds:.3f} s beyond reading the headers")
    assert result.factors == pytest.approx(np.full(267, 2.429030e-4), rel=1e-6)
    assert result.status == "warn"
    assert "not FMISO" in result.reason
    assert result.cross_checks["decay_factor"] == pytest.approx(1.0, abs=1e-4)
