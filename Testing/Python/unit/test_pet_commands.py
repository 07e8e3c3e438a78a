"""The commands `suv` and `hypoxia`: files, summaries, questions and refusals."""

from __future__ import annotations

import argparse
import csv
import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import Volume, read_volume, write_volume
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoStudyLib.cli.pet import hypoxia as hypoxia_command
from HER2ImmunoStudyLib.cli.pet import suv as suv_command

FACTOR = 1000 * 70.0 / (370e6 * 2 ** (-7200 / 6586.2))


def silent(fraction, text):
    assert 0.0 <= fraction <= 1.0


def run(command, words, report=silent):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(command.read(parser.parse_args([str(word) for word in words])), report)


STAGES = ("Reading DICOM header", "Reading slice", "Reading PET header", "Measuring the tumour", "Writing")


@pytest.mark.parametrize("after", STAGES)
def test_cancelling_leaves_no_file(pet_patient, tmp_path, after):
    folder, paths = pet_patient

    def stop(fraction, text):
        if text.startswith(after):
            raise Cancelled

    out = tmp_path / "out"
    words = [str(folder), "--tumour", str(paths["tumour"]), "--muscle", str(paths["muscle"]), "--out", str(out)]
    with pytest.raises(Cancelled):
        run(hypoxia_command, words, report=stop)
    assert not out.exists()


def test_the_suv_command_writes_the_map_and_says_how(pet_series, tmp_path):
    summary = run(suv_command, [pet_series({"RescaleSlope": lambda k: 2.0 + k}), "--out", tmp_path / "out"])
    assert summary["status"] == "ok"
    assert summary["factor"]["minimum"] == pytest.approx(FACTOR)
    suv = read_volume(tmp_path / "out/SUVbw.nrrd")
    np.testing.assert_allclose(suv.array[:, 0, 0], np.array([2000, 3000, 4000, 5000]) * FACTOR, rtol=1e-6)
    sidecar = json.loads((tmp_path / "out/SUVbw.nrrd.json").read_text())
    assert sidecar["inputs"]["header"]["weight_kg"]["source"] == "PatientWeight (0010,1030)"


def test_the_suv_command_asks_and_takes_the_answer(pet_series, tmp_path):
    folder, out = pet_series({"PatientWeight": ""}), tmp_path / "out"
    with pytest.raises(QuestionsError) as asked:
        run(suv_command, [folder, "--out", out])
    assert asked.value.questions[0].key == "weight_kg"
    assert not out.exists()
    summary = run(suv_command, [folder, "--out", out, "--set", "weight_kg=70", "--norm", "bsa"])
    assert summary["label"] == "user value"
    assert (out / "SUVbsa.nrrd").is_file()
    sidecar = json.loads((out / "SUVbsa.nrrd.json").read_text())
    assert sidecar["settings"]["overrides"] == {"weight_kg": "70"}
    assert sidecar["inputs"]["suv_label"] == "user value"


def test_the_suv_command_refuses_by_tag(pet_series, tmp_path):
    with pytest.raises(InputError, match=r"Units \(0054,1001\) is PROPCNTS"):
        run(suv_command, [pet_series({"Units": "PROPCNTS"}), "--out", tmp_path / "out"])


@pytest.mark.parametrize("words", [["--set", "weight_kg"], ["--set", "sex=F", "--set", "sex=M"], ["--set", "hat=1"]])
def test_an_answer_must_be_one(pet_series, tmp_path, words):
    with pytest.raises(InputError):
        run(suv_command, [pet_series(n=1), "--out", tmp_path / "out", *words])


def test_the_hypoxia_command_writes_maps_and_sweep(pet_patient, tmp_path):
    folder, paths = pet_patient
    out = tmp_path / "out"
    summary = run(
        hypoxia_command,
        [folder, "--tumour", paths["tumour"], "--muscle", paths["muscle"], "--out", out, "--threshold", "1.5"],
    )
    assert summary["measurements"]["hypoxic_fraction"] == pytest.approx(0.5)
    assert summary["threshold"] == 1.5
    names = {"SUVbw.nrrd", "TMR.nrrd", "hypoxic.nrrd", "sweep.csv"}
    assert {path.name for path in out.iterdir()} == names | {f"{name}.json" for name in names}
    assert read_volume(out / "hypoxic.nrrd").array.sum() == 4 * 8 * 6
    with (out / "sweep.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["threshold"]) for row in rows] == [1.2, 1.3, 1.4, 1.5]
    assert float(rows[0]["hypoxic_volume_cm3"]) == pytest.approx(4 * 8 * 6 * 0.064)


def test_the_hypoxia_command_with_blood(pet_patient, tmp_path):
    folder, paths = pet_patient
    out = tmp_path / "out"
    summary = run(hypoxia_command, [folder, "--tumour", paths["tumour"], "--blood", paths["muscle"], "--out", out])
    assert (summary["ratio"], summary["threshold"]) == ("TBR", 1.2)
    assert (out / "TBR.nrrd").is_file()


def test_the_hypoxia_command_reports_overlaps(pet_patient, tmp_path):
    folder, paths = pet_patient
    words = [folder, "--tumour", paths["tumour"], "--muscle", paths["muscle"], "--out", tmp_path / "out"]
    summary = run(hypoxia_command, [*words, "--overlap", paths["tumour"], "--overlap", paths["muscle"]])
    shares = {one.name: one.share_of_hypoxic for one in summary["overlaps"]}
    assert shares == {"tumour": 1.0, "muscle": 0.0}
    assert "Hypoxic volume in tumour: 12.29 cm3, 100.0 % of it" in summary["text"]
    with pytest.raises(InputError, match="given twice"):
        run(hypoxia_command, [*words, "--overlap", paths["tumour"], "--overlap", paths["tumour"]])


def test_segments_of_one_file_are_taken_by_name_or_answered(pet_patient, tmp_path):
    folder, paths = pet_patient
    tumour, muscle = (read_volume(paths[name]) for name in ("tumour", "muscle"))
    core = np.zeros_like(tumour.array)
    core[4:8] = tumour.array[4:8]
    both = write_volume(tumour.like(tumour.array + 2 * muscle.array + 2 * core), tmp_path / "all.nrrd")
    with pytest.raises(QuestionsError, match="which of them is the tumour"):
        run(hypoxia_command, [folder, "--tumour", both, "--muscle", f"{both}:2", "--out", tmp_path / "0"])
    apart = ["--tumour", paths["tumour"], "--muscle", paths["muscle"]]
    alone = run(hypoxia_command, [folder, *apart, "--out", tmp_path / "1"])
    words = ["--tumour", paths["tumour"], "--muscle", both, "--set", "muscle_segment=2", "--overlap", f"{both}:3"]
    chosen = run(hypoxia_command, [folder, *words, "--out", tmp_path / "2"])
    assert chosen["measurements"] == alone["measurements"]
    assert chosen["overlaps"][0].name == "3"
    assert chosen["overlaps"][0].share_of_hypoxic == pytest.approx(1.0)


def test_masks_that_lie_partly_outside_or_are_swapped_are_told_in_words(pet_patient, tmp_path):
    folder, paths = pet_patient
    tumour = read_volume(paths["tumour"])
    beside = tumour.ijk_to_ras.copy()
    beside[:3, 3] -= 5 * beside[:3, 0]
    moved = write_volume(Volume(tumour.array, beside), tmp_path / "moved.nrrd")
    summary = run(hypoxia_command, [folder, "--tumour", moved, "--muscle", paths["muscle"], "--out", tmp_path / "1"])
    assert any("Of the tumour mask 50 % lies outside the images" in line for line in summary["text"])
    halves = {name: np.zeros_like(tumour.array) for name in ("hot", "cold")}
    halves["hot"][4:8], halves["cold"][8:12] = tumour.array[4:8], tumour.array[8:12]
    files = {name: write_volume(tumour.like(half), tmp_path / f"{name}.nrrd") for name, half in halves.items()}
    words = ["--tumour", files["cold"], "--muscle", files["hot"], "--out", tmp_path / "2"]
    assert any("may be swapped" in line for line in run(hypoxia_command, [folder, *words])["text"])
