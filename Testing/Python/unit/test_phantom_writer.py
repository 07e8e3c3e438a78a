"""A virtual patient is there whole or not at all, the same for the same seed, and its truth fits its images."""

import argparse
import json
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume, read_volume, resample_mask
from HER2ImmunoCommonLib.measurements import read_csv
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.treatments.schedule import read_schedule, standard_candidates
from HER2ImmunoStudyLib.cli import phantom
from HER2ImmunoStudyLib.phantom.presets import HUMAN, MOUSE, Grid
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient
from HER2ImmunoStudyLib.study.manifest import read_study

TINY = replace(
    HUMAN,
    mr_grid=Grid((8, 32, 32), (4.0, 4.0, 5.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    mr=replace(HUMAN.mr, frames=6, arrival_s=6.0),
)
TINY_MOUSE = replace(
    MOUSE,
    mr_grid=replace(MOUSE.mr_grid, shape=(10, 32, 32), spacing_mm=(0.8, 0.8, 1.4)),
    mr=replace(MOUSE.mr, frames=3),
)


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module", params=[TINY, TINY_MOUSE], ids=["human", "mouse"])
def patient(request, tmp_path_factory):
    preset = request.param
    return preset, write_virtual_patient(tmp_path_factory.mktemp("phantom") / "p", preset=preset, seed=2)


def test_the_study_description_is_complete(patient):
    preset, path = patient
    study = read_study(path)
    assert study.species == preset.species
    assert [visit.visit for visit in study.visits] == ["baseline", "day_7", "day_14"]
    for visit in study.visits:
        assert all(any(folder.rglob("*.dcm")) for folder in (*visit.dynamic, *visit.vfa, visit.pet))
    schedule = read_schedule(study.treatments, models.get("tivnh_treated"))
    assert [(dose.drug, dose.day) for dose in schedule.doses] == [("trastuzumab", 1.0)]


def test_truth_fits_masks_and_states(patient):
    path = patient[1]
    root, study = path.parent, read_study(path)
    truth = json.loads((root / "truth" / "truth.json").read_text())
    rows = read_csv(root / "truth" / "measurements.csv")
    for row, visit, entry in zip(rows, study.visits, truth["visits"], strict=True):
        mask, states = read_volume(visit.tumour), entry["states"]
        volume = np.count_nonzero(mask.array) * mask.voxel_volume_cm3
        assert row.values["volume_cm3"] == pytest.approx(volume)
        assert volume == pytest.approx(states["T"], abs=0.5001 * mask.voxel_volume_cm3)
        inside = mask.array > 0
        ktrans = read_volume(root / "truth" / visit.visit / "Ktrans.nrrd").array[inside]
        assert row.values["vascular_fraction"] == pytest.approx(np.mean(ktrans >= 0.05))
        assert row.values["necrotic_fraction"] == pytest.approx(np.mean(ktrans == 0))
        half = 0.501 / inside.sum()
        assert row.values["vascular_fraction"] == pytest.approx(states["V"], abs=half)
        tmr = read_volume(root / "truth" / visit.visit / "TMR.nrrd")
        on_pet = resample_mask(Volume(mask.array, mask.ijk_to_ras), tmr)
        assert row.values["hypoxic_fraction"] == pytest.approx(np.mean(tmr.array[on_pet] >= 1.4))
        assert row.values["hypoxic_fraction"] == pytest.approx(states["H"], abs=0.501 / on_pet.sum())


def test_truth_ranks_the_standard_candidates(patient):
    truth = json.loads((patient[1].parent / "truth" / "truth.json").read_text())
    outcome = truth["schedules"]["volume_cm3"]
    assert set(outcome) == {plan.name for plan in standard_candidates()}
    assert truth["schedules"]["best"] == min(outcome, key=outcome.get)
    assert set(truth["parameters"]) == {parameter.name for parameter in models.get("tivnh_treated").parameters}


def test_the_seed_decides_every_byte(tmp_path):
    first, again, other = (
        contents(write_virtual_patient(tmp_path / name, preset=TINY, seed=seed, noise=0.05, visits=[0]).parent)
        for name, seed in (("a", 4), ("b", 4), ("c", 5))
    )
    assert first == again
    assert first.keys() == other.keys()
    uids = [pydicom.dcmread(tmp_path / name / "baseline/PET/0001.dcm").SOPInstanceUID for name in "abc"]
    assert uids[0] == uids[1] != uids[2]
    assert first["baseline/MR/dynamic/00030.dcm"] != other["baseline/MR/dynamic/00030.dcm"]


def test_noise_in_the_files_is_what_was_asked_for(tmp_path):
    arrays = []
    for name, noise in (("clean", 0.0), ("noisy", 0.05)):
        root = write_virtual_patient(tmp_path / name, preset=TINY, seed=0, noise=noise, visits=[0]).parent
        files = sorted((root / "baseline" / "MR" / "dynamic").glob("*.dcm"))[: TINY.mr_grid.shape[0]]
        arrays.append(np.stack([pydicom.dcmread(path).pixel_array for path in files]).astype(float))
    clean, noisy = arrays
    tumour = read_volume(tmp_path / "clean" / "baseline" / "masks" / "tumour.nrrd").array > 0
    bright = clean > 0.5 * clean[tumour].mean()
    assert (noisy - clean)[bright].std() == pytest.approx(0.05 * clean[tumour].mean(), rel=0.05)


class CancelAt:
    """A report that cancels once the work has come so far."""

    def __init__(self, fraction):
        self.fraction = fraction

    def __call__(self, fraction, text):
        if fraction >= self.fraction:
            raise Cancelled


@pytest.mark.parametrize("fraction", [0.0, 0.01, 0.06, 0.2, 0.5, 0.95, 0.98, 1.0])
def test_cancel_leaves_nothing(tmp_path, fraction):
    with pytest.raises(Cancelled):
        write_virtual_patient(tmp_path / "p", preset=TINY, visits=[0], report=CancelAt(fraction))
    assert list(tmp_path.iterdir()) == []


def test_progress_only_grows(tmp_path):
    seen = []
    write_virtual_patient(tmp_path / "p", preset=TINY, visits=[0, 3], report=lambda done, text: seen.append(done))
    assert seen == sorted(seen)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0


def test_an_empty_folder_is_filled_and_a_full_one_left_alone(tmp_path):
    (tmp_path / "empty").mkdir()
    assert write_virtual_patient(tmp_path / "empty", preset=TINY, visits=[0]).is_file()
    before = contents(tmp_path / "empty")
    with pytest.raises(InputError, match="already holds something"):
        write_virtual_patient(tmp_path / "empty", preset=TINY, visits=[0], seed=9)
    assert contents(tmp_path / "empty") == before


def test_a_place_that_cannot_be_written_to_is_refused(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="already holds something"):
        write_virtual_patient(tmp_path / "file", preset=TINY)
    with pytest.raises(InputError, match="cannot be written to"):
        write_virtual_patient(tmp_path / "file" / "p", preset=TINY)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"preset": "rat"}, "'rat'"),
        ({"vendor": "toshiba"}, "'toshiba'"),
        ({"layout": "mosaic"}, "'mosaic'"),
        ({"noise": -0.1}, "noise"),
        ({"noise": float("nan")}, "noise"),
        ({"visits": [7, 0]}, "visit days"),
    ],
)
def test_choices_that_do_not_exist_are_named(tmp_path, choice, message):
    with pytest.raises(InputError, match=message):
        write_virtual_patient(tmp_path / "p", **choice)
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_a_patient(tmp_path):
    parser = argparse.ArgumentParser()
    phantom.add_arguments(parser)
    arguments = parser.parse_args(["--out", str(tmp_path / "p"), "--preset", "mouse", "--seed", "1", "--visits", "0"])
    summary = phantom.run(phantom.read(arguments), lambda done, text: None)
    assert summary["study"].is_file()
    assert summary["truth"]["seed"] == 1
    assert "Virtual mouse, seed 1" in summary["text"][0]
    with pytest.raises(SystemExit):
        parser.parse_args(["--out", "x", "--seed", "-1"])
