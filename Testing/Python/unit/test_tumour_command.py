"""The tumour command on small DICOM images: the mask on the grid of the series, its size, refusals, questions."""

import json
from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.geometry import read_volume, same_grid
from HER2ImmunoStudyLib.cli import main
from HER2ImmunoStudyLib.phantom import mr_dicom
from HER2ImmunoStudyLib.phantom.dicom_file import study_of
from HER2ImmunoStudyLib.phantom.presets import HUMAN
from HER2ImmunoStudyLib.phantom.subject import Visit
from HER2ImmunoStudyLib.phantom.vendors import SCANNERS
from QuantDCELib import read_dynamic
from QuantDCELib.tumour import grow_tumour

CLICK = "-6,-24,12"
GRID = np.diag([-1.0, -1.5, 2.0, 1.0])
PRESET = replace(HUMAN, mr=replace(HUMAN.mr, frames=24, frame_s=12.0, arrival_s=110.0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve slices of a breast that hardly enhances, with a sphere of 8 mm in it that does."""
    path = tmp_path_factory.mktemp("tumour") / "dynamic"
    k, j, i = np.indices((12, 32, 32))
    distance = np.sqrt((2.0 * (k - 6)) ** 2 + (1.5 * (j - 16)) ** 2 + (i - 6.0) ** 2)
    time_s = PRESET.mr.frame_s * np.arange(PRESET.mr.frames)
    uptake = np.clip((time_s - PRESET.mr.arrival_s) / 60.0, 0, 1)
    signal = 300.0 * (1.0 + np.where(distance < 8.0, 1.8, 0.15)[..., None] * uptake)
    signal += np.random.default_rng(2).normal(0, 6.0, signal.shape)
    study = study_of(PRESET, 1, Visit("baseline", 0.0, {}), "MR", 9, SCANNERS["siemens"])
    stored = np.round(signal).astype(np.uint16)
    mr_dicom.write_dynamic(study, path, stored, GRID, vendor="siemens", split=False, report=None)
    return path


def run(folder, out, *words, seed=CLICK):
    told = out.parent / "told.json"
    code = main(["tumour", str(folder), f"--seed={seed}", "--out", str(out), "--json", str(told), "--quiet", *words])
    return code, json.loads(told.read_text())


def test_the_tumour_is_written_on_the_grid_of_the_series(folder, tmp_path):
    code, told = run(folder, tmp_path / "out")
    assert (code, told["status"]) == (0, "warn")
    assert len(told["remarks"]) == 1
    assert "touches the edge of the images" in told["remarks"][0]
    series, mask = read_dynamic(folder).series, read_volume(tmp_path / "out" / "tumour.nrrd")
    assert same_grid(mask, series)
    assert set(np.unique(mask.array)) == {0, 1}
    assert told["volume_cm3"] == pytest.approx(mask.array.sum() * 1.0 * 1.5 * 2.0 / 1000)
    # A sphere that the edge of the images cuts at 6 of its 8 mm.
    assert told["longest_diameter_mm"] == pytest.approx(16.0, abs=2.5)
    assert told["seed"] == [-6.0, -24.0, 12.0]
    assert len(told["longest_diameter_ends_ras_mm"]) == 2
    record = json.loads((tmp_path / "out" / "tumour.nrrd.json").read_text())
    assert record["settings"]["growth"] == 0.5
    assert record["settings"]["seed_ras_mm"] == [-6.0, -24.0, 12.0]


def test_the_command_gives_what_the_core_gives(folder, tmp_path):
    words = ("--growth", "0.7", "--baseline", "2:8", "--radius", "7")
    _code, told = run(folder, tmp_path / "out", *words)
    options = {"growth": 0.7, "baseline": range(1, 8), "radius_mm": 7.0}
    core = grow_tumour(read_dynamic(folder).series, [-6, -24, 12], **options)
    np.testing.assert_array_equal(read_volume(tmp_path / "out" / "tumour.nrrd").array, core.mask)
    assert told["volume_cm3"] == core.volume_cm3
    assert told["longest_diameter_mm"] == core.diameter.mm
    assert told["remarks"] == list(core.remarks)


@pytest.mark.parametrize(
    ("words", "seed", "said"),
    [
        ((), "-500,0,0", "outside the images"),
        ((), "-6,-24", "is no place"),
        ((), "a,b,c", "is no place"),
        ((), "nan,0,0", "is no place"),
        ((), "-28,-4,4", "not more than noise"),
        (("--growth", "2"), CLICK, "0 (tight) to 1"),
        (("--growth", "nan"), CLICK, "0 (tight) to 1"),
        (("--radius", "0"), CLICK, "above 0"),
        (("--baseline", "8"), CLICK, "no range of frames"),
        (("--set", "seed=1"), CLICK, "no question"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(folder, tmp_path, words, seed, said):
    code, told = run(folder, tmp_path / "out", *words, seed=seed)
    assert (code, told["status"]) == (2, "error")
    assert said in told["error"]
    assert not (tmp_path / "out").exists()


def test_an_earlier_result_is_replaced_and_a_file_of_a_person_is_not(folder, tmp_path):
    assert run(folder, tmp_path / "out")[0] == 0
    assert run(folder, tmp_path / "out", "--growth", "0.3")[0] == 0
    (tmp_path / "out" / "tumour.nrrd").write_text("mine")
    code, told = run(folder, tmp_path / "out")
    assert code == 2
    assert "tumour.nrrd" in told["error"]
    assert (tmp_path / "out" / "tumour.nrrd").read_text() == "mine"


def test_two_series_are_a_question_that_an_option_answers(folder, tmp_path):
    import shutil

    import pydicom
    from pydicom.uid import generate_uid

    both = tmp_path / "both"
    shutil.copytree(folder, both / "one")
    other = generate_uid()
    for number, path in enumerate(sorted(folder.rglob("*.dcm"))):
        dataset = pydicom.dcmread(path)
        dataset.SeriesInstanceUID, dataset.SeriesNumber = other, 77
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        (both / "two").mkdir(exist_ok=True)
        dataset.save_as(both / "two" / f"{number}.dcm")
    code, told = run(both, tmp_path / "out")
    assert (code, told["status"]) == (3, "ask")
    assert [question["key"] for question in told["questions"]] == ["series"]
    assert run(both, tmp_path / "out", "--set", "series=77")[0] == 0
    assert run(both, tmp_path / "out", "--series", "77")[0] == 0
