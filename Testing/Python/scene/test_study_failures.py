"""What goes wrong in a study is said in a sentence that names the visit, and leaves nothing behind."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import read_volume, write_volume
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoStudyLib.cli import main
from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient
from HER2ImmunoStudyLib.study.manifest import read_study
from HER2ImmunoStudyLib.study.outputs import write_study
from HER2ImmunoStudyLib.study.pipeline import run_study

SMALL = replace(
    HUMAN,
    mr_grid=Grid((8, 32, 32), (4.0, 4.0, 5.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    mr=replace(HUMAN.mr, frames=40, frame_s=4.0),
    visit_days=(0.0, 7.0),
)


@pytest.fixture(scope="module")
def whole_patient(tmp_path_factory):
    study = write_virtual_patient(tmp_path_factory.mktemp("small") / "patient", preset=SMALL, seed=0)
    content = json.loads(study.read_text())
    content["model"]["draws"] = 20
    study.write_text(json.dumps(content))
    return study.parent


@pytest.fixture
def patient(whole_patient, tmp_path):
    return shutil.copytree(whole_patient, tmp_path / "patient")


def refused(patient):
    with pytest.raises(InputError) as caught:
        run_study(read_study(patient))
    return str(caught.value)


def files_of(folder):
    return sorted(folder.glob("*.dcm"))


def test_a_folder_without_dicom(patient):
    for path in files_of(patient / "day_7/PET"):
        path.unlink()
    sentence = refused(patient)
    assert "Visit day_7" in sentence
    assert "no DICOM" in sentence


def test_two_studies_in_one_folder(patient):
    shutil.copy(files_of(patient / "day_7/MR/dynamic")[0], patient / "baseline/MR/dynamic/other.dcm")
    sentence = refused(patient)
    assert "Visit baseline" in sentence
    assert "2 studies" in sentence


def test_a_truncated_file(patient):
    path = files_of(patient / "baseline/MR/dynamic")[5]
    path.write_bytes(path.read_bytes()[:-100])
    sentence = refused(patient)
    assert path.name in sentence
    assert "truncated" in sentence


def test_a_missing_frame(patient):
    files_of(patient / "baseline/MR/dynamic")[5].unlink()
    sentence = refused(patient)
    assert "Visit baseline" in sentence
    assert "frame" in sentence


def test_a_missing_pet_slice(patient):
    files_of(patient / "baseline/PET")[4].unlink()
    assert "slice is missing" in refused(patient)


def test_an_empty_tumour(patient):
    path = patient / "baseline/masks/tumour.nrrd"
    tumour = read_volume(path)
    write_volume(tumour.like(np.zeros_like(tumour.array)), path)
    assert "tumour.nrrd is empty" in refused(patient)


def test_a_tumour_outside_the_images(patient):
    path = patient / "baseline/masks/tumour.nrrd"
    tumour = read_volume(path)
    away = tumour.ijk_to_ras.copy()
    away[:3, 3] += 1000.0
    write_volume(replace(tumour, ijk_to_ras=away), path)
    assert "does not overlap" in refused(patient)


@pytest.mark.parametrize(
    ("row", "words"), [("aspirin,1,1", "aspirin"), ("trastuzumab,1,-1", "row 2"), ("trastuzumab,soon,1", "row 2")]
)
def test_a_bad_treatment_table(patient, row, words):
    (patient / "treatments.csv").write_text(f"drug,day,dose\n{row}\n")
    assert words in refused(patient)


def test_a_setting_that_does_not_exist(patient):
    content = json.loads((patient / "study.json").read_text())
    content["dce"]["relaxivity"] = 4.5
    (patient / "study.json").write_text(json.dumps(content))
    assert "relaxivity" in refused(patient)


def test_a_missing_weight_is_asked_for_and_the_answer_used(patient, tmp_path):
    import pydicom

    for path in files_of(patient / "baseline/PET"):
        data = pydicom.dcmread(path)
        del data.PatientWeight
        data.save_as(path)
    summary = tmp_path / "summary.json"
    words = ["study", str(patient), "--out", str(tmp_path / "out"), "--json", str(summary), "--quiet"]
    assert main(words) == 3
    (question,) = json.loads(summary.read_text())["questions"]
    assert not (tmp_path / "out").exists()
    assert main([*words, "--set", f"{question['key']}={SMALL.weight_kg}"]) == 0
    assert "user value" in (tmp_path / "out/baseline/SUVbw.nrrd.json").read_text()


@pytest.mark.parametrize("stop_at", [0.0, 0.1, 0.4, 0.6, 0.86, 0.95, 0.97])
def test_cancelling_at_any_stage_leaves_nothing(whole_patient, tmp_path, monkeypatch, stop_at):
    def stop(bar, fraction, text):
        if fraction >= stop_at:
            raise Cancelled

    monkeypatch.setattr("HER2ImmunoStudyLib.cli.terminal.ProgressBar.report", stop)
    out = tmp_path / "out"
    assert main(["study", str(whole_patient), "--out", str(out), "--quiet"]) == 2
    assert not out.exists() or not any(out.iterdir())


def test_an_output_folder_that_cannot_be_written_to_is_found_before_the_work(whole_patient, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    words = ["study", str(whole_patient), "--out", str(tmp_path / "file" / "out")]
    assert main(words) == 2
    stages = capsys.readouterr().err.splitlines()
    assert len(stages) == 1
    assert "cannot be written" in stages[0]


def test_a_report_without_opengl_has_the_numbers_and_a_sentence(whole_patient, tmp_path, monkeypatch):
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    monkeypatch.setattr("HER2ImmunoCommonLib.charts.can_draw", lambda: False)
    written = write_study(run_study(read_study(whole_patient)), tmp_path / "out")
    page = written["report"].read_text()
    assert "OpenGL" in page
    assert "<svg" not in page
    assert "Schedules compared" in page


def in_one_file(patient, visit, names):
    """The masks of a visit as labels 1, 2 ... of one file, in the order of their names."""
    masks = patient / visit / "masks"
    volumes = [read_volume(masks / f"{name}.nrrd") for name in names]
    labels = sum(number * (volume.array > 0) for number, volume in enumerate(volumes, start=1)).astype(np.uint8)
    return write_volume(volumes[0].like(labels), masks / "all.nrrd")


def test_a_mask_with_several_labels_is_asked_answered_or_named_in_the_study(patient):
    in_one_file(patient, "baseline", ("tumour", "vessel"))
    content = json.loads((patient / "study.json").read_text())
    alone = read_study(patient)

    def renamed(**entries):
        changed = {**content, "visits": [{**visit, **entries} if visit["visit"] == "baseline" else visit
                                         for visit in content["visits"]]}  # fmt: skip
        (patient / "study.json").write_text(json.dumps(changed))
        return read_study(patient)

    study = renamed(tumour="baseline/masks/all.nrrd")
    with pytest.raises(QuestionsError, match=r"all\.nrrd holds 2 labels") as asked:
        run_study(study)
    assert asked.value.questions[0].key == "tumour_segment"
    named = renamed(**{key: f"baseline/masks/all.nrrd:{n}" for n, key in enumerate(("tumour", "vessel"), 1)})
    first, second = (run_study(one).measurements[0] for one in (alone, named))
    assert first.values == pytest.approx(second.values)
