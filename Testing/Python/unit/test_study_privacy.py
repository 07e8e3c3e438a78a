"""What is written to be passed on tells neither who nor when; one private file does, where it is asked for."""

import dataclasses
import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.privacy import shareable, shareable_text
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar
from HER2ImmunoStudyLib.cli import main
from HER2ImmunoStudyLib.phantom.presets import MOUSE, Grid
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient

SMALL = dataclasses.replace(
    MOUSE,
    mr_grid=Grid((10, 32, 32), (0.8, 0.8, 1.4), (2.0, 8.9, 5.1)),
    mr=dataclasses.replace(MOUSE.mr, frames=30, frame_s=4.0),
    visit_days=(0.0,),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("injected 2024-03-04 11:05:00, imaged 13:05:00.5", "injected (date), imaged (time)"),
        ("AcquisitionDateTime 20240304130500.00 of 1.2.840.113619.2.55", "AcquisitionDateTime (date) of (UID)"),
        ("series 2.25.325841266156616943130783268607127950865 is used", "series (UID) is used"),
        ("/data/doe/study/dynamic/0001.dcm cannot be read", "0001.dcm cannot be read"),
        ("D:\\Data\\doe\\mask.nrrd is empty", "mask.nrrd is empty"),
        ("the weight 68.0 kg is used", "the weight (weight) is used"),
        ("r1 4.5 /mM/s, 0.1 mmol/kg, 120 min, version 5.12.4.0, 260000000 Bq", None),
        ("Ktrans 0.05 /min in 1.5 T; and/or/either; SeriesTime (0008,0031); Phys Med Biol 2010;55:1", None),
        ("https://doi.org/10.1002/mrm.21066", None),
    ],
)
def test_dates_identifiers_weights_and_places_become_words(text, expected):
    assert shareable_text(text) == (text if expected is None else expected)


def test_values_of_the_person_are_told_of_but_not_told():
    found = shareable(
        {
            "weight_kg": {"value": 68.0, "unit": "kg"},
            "dose_bq": 2.6e8,
            "height_cm": None,
            "overrides": {"weight_kg": 68.0, "start": "110500", "half_life_s": 6586.2},
            "half_life_s": 6586.2,
        }
    )
    assert found["weight_kg"] == {"value": "private", "unit": "kg"}
    assert (found["dose_bq"], found["height_cm"], found["half_life_s"]) == ("private", None, 6586.2)
    assert found["overrides"] == {"weight_kg": 68.0, "start": "private", "half_life_s": 6586.2}


def test_a_sidecar_is_shareable_and_the_scene_of_the_person_at_work_is_whole(tmp_path):
    provenance = Provenance("X", inputs={"uids": ["1.2.840.10008.5.1"], "weight_kg": np.float64(68)})
    assert json.loads(write_sidecar(tmp_path / "a", provenance).read_text())["inputs"] == {
        "uids": ["(UID)"],
        "weight_kg": "private",
    }
    assert json.loads(provenance.to_json())["inputs"] == {"uids": ["1.2.840.10008.5.1"], "weight_kg": 68.0}


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    return write_virtual_patient(tmp_path_factory.mktemp("doe") / "patient", preset=SMALL, seed=3).parent


def secrets(patient):
    """Words of the headers and of this computer that no file may hold."""
    import pydicom

    found = {str(patient), str(patient.parent)}
    for name in ("MR/dynamic", "MR/vfa", "PET"):
        header = pydicom.dcmread(sorted((patient / "baseline" / name).iterdir())[0], stop_before_pixels=True)
        found |= {str(header.StudyInstanceUID), str(header.SeriesInstanceUID), str(header.SOPInstanceUID)}
        day = str(header.StudyDate)
        found |= {day, f"{day[:4]}-{day[4:6]}-{day[6:]}", str(header.PatientID), str(header.PatientName)}
        if weight := header.get("PatientWeight"):
            found |= {f'"value": {float(weight)}', f"{float(weight):g} kg"}
    return {word for word in found if len(word) > 3}


def leaks(folder, words):
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "private.json"]
    assert files
    return {(path.name, word) for path in files for word in words if word.encode() in path.read_bytes()}


@pytest.mark.parametrize("private", [False, True])
def test_no_result_of_the_commands_tells_who_or_when(patient, tmp_path, monkeypatch, private):
    monkeypatch.chdir(tmp_path)
    masks, words = patient / "baseline" / "masks", secrets(patient)
    images = str(patient / "baseline" / "MR" / "dynamic")
    pet = str(patient / "baseline" / "PET")
    tumour, muscle = str(masks / "tumour.nrrd"), str(masks / "muscle.nrrd")
    runs = {
        "dce": ["dce", images, "--semi-quantitative", "--mask", tumour],
        "suv": ["suv", pet, "--set", "start=110500"],
        "hypoxia": ["hypoxia", pet, "--tumour", tumour, "--muscle", muscle, "--reference-cm3", "0.001"],
    }
    for name, run in runs.items():
        asked = ["--private"] if private else []
        assert main([*run, "--out", f"out/{name}", "--json", f"out/{name}.json", "--quiet", *asked]) == 0
        secret = tmp_path / "out" / name / "private.json"
        assert secret.is_file() == private
        if private:
            text = secret.read_text()
            assert "not to be passed on" in text
            assert str(patient) in text
            assert any(word in text for word in words if word.startswith("2.25."))
    assert leaks(tmp_path / "out", words | {"110500", "11:05"}) == set()
