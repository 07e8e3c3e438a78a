"""The dce command on a small DICOM series: dry run, settings file, semi-quantitative maps, every option."""

import csv
import dataclasses
import json
from argparse import ArgumentParser

import numpy as np
import pytest
from dce_dicom import write_frames
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.files import write_json
from HER2ImmunoCommonLib.geometry import Volume, read_volume, write_volume
from HER2ImmunoStudyLib.cli import dce
from HER2ImmunoStudyLib.cli.dce.inputs import to_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from QuantDCELib import MODEL_CHOICES, DceSettings, analyse, population_aif, read_dynamic, spgr_signal
from QuantDCELib.analysis import statistics_to_cells
from QuantDCELib.kinetics.models import curve

TIME_S = np.arange(0, 300, 6.0)
KTRANS = np.linspace(0.05, 0.3, 6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One slice of 6 x 6 pixels: two rows of artery, two of tumour, two of a tissue with Ktrans .1 and ve .15."""
    path = tmp_path_factory.mktemp("dce") / "dynamic"
    fine = np.arange(24.0, 300, 0.25)
    plasma = population_aif("parker", fine, arrival_s=24.0)
    blood = np.interp(TIME_S, fine, plasma * 0.58, left=0.0)
    signal = np.empty((6, 6, TIME_S.size))
    signal[:2] = spgr_signal(1 / 1.44 + 4.5 * blood, tr_s=0.005, flip_deg=20, m0=20000)
    for column, ktrans in enumerate(KTRANS):
        for rows, values in ((slice(2, 4), (ktrans, 0.3)), (slice(4, 6), (0.1, 0.15))):
            known = {"Ktrans": values[0], "kep": values[0] / values[1]}
            tissue = curve("tofts", known, TIME_S, plasma, aif_time_s=fine)
            signal[rows, column] = spgr_signal(1 / 1.2 + 4.5 * tissue, tr_s=0.005, flip_deg=20, m0=20000)
    path.mkdir()
    for t, time_s in enumerate(TIME_S):
        write_image(path / f"{t}.dcm", signal[..., t], t, time_s)
    return path


def write_image(path, pixels, t, time_s):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = MRImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.PatientID = "1.2.3", "1.2.3.4", "P1"
    dataset.Modality, dataset.InstanceNumber, dataset.TriggerTime = "MR", t + 1, 1000 * time_s
    dataset.ImageOrientationPatient, dataset.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 0]
    dataset.PixelSpacing, dataset.SliceThickness = [2, 2], 2
    dataset.RepetitionTime, dataset.FlipAngle, dataset.MagneticFieldStrength = 5, 20, 1.5
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 6, 6, 1
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 0
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.RescaleSlope, dataset.RescaleIntercept = 0.1, 0
    dataset.PixelData = np.round(10 * pixels).astype(np.uint16).tobytes()
    dataset.save_as(path, enforce_file_format=True)


def rows(folder, first, last, path):
    grid = read_dynamic(folder).series.ijk_to_ras
    mask = np.zeros((1, 6, 6), np.uint8)
    mask[:, first:last] = 1
    write_volume(Volume(mask, grid), path)
    return path


def parsed(*words):
    parser = ArgumentParser()
    dce.add_arguments(parser)
    return parser.parse_args([str(word) for word in words])


def run(*words):
    return dce.run(dce.read(parsed(*words)), lambda fraction, text: None)


def choices(arguments):
    """What a dry run would read, and the settings of its analysis."""
    arguments.dry_run = True
    settings = dce.read(arguments)
    return settings.inputs, settings.analysis


def maps_in(folder):
    return {path.name: read_volume(path).array for path in folder.glob("*.nrrd")}


def test_a_settings_file_repeats_a_run_exactly(folder, tmp_path):
    mask = rows(folder, 2, 6, tmp_path / "tumour.nrrd")
    options = ["--t10", 1.2, "--aif", "auto", "--mask", mask, "--standard-errors", "--model", "tofts"]
    first = run(folder, "--out", tmp_path / "1", *options)
    again = run("--settings", tmp_path / "1" / "settings.json", "--out", tmp_path / "2")
    before, after = maps_in(tmp_path / "1"), maps_in(tmp_path / "2")
    assert {"Ktrans.nrrd", "Ktrans_se.nrrd", "PE.nrrd", "SER.nrrd", "FTV.nrrd", "artery.nrrd"} <= set(before)
    assert set(before) == set(after)
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name])
    assert first["measurements"] == again["measurements"]
    assert first["settings"] == again["settings"]
    other = run("--settings", tmp_path / "1" / "settings.json", "--model", "patlak", "--out", tmp_path / "3")
    assert other["settings"]["model"] == "patlak"
    np.testing.assert_allclose(before["Ktrans.nrrd"][0, 2], KTRANS, rtol=0.05)
    assert (tmp_path / "1" / "curve.csv").read_text().startswith("time_s,concentration_mM,fitted_mM,band95_mM")


def test_the_statistics_are_those_of_the_analysis(folder, tmp_path):
    mask = rows(folder, 2, 4, tmp_path / "tumour.nrrd")
    told = run(folder, "--t10", 1.2, "--mask", mask, "--model", "tofts", "--out", tmp_path / "out")
    with (tmp_path / "out" / "statistics.csv").open(encoding="utf-8") as stream:
        header, *lines = csv.reader(stream)
    settings = DceSettings(model="tofts", t10_s=1.2)
    analysed = analyse(read_dynamic(folder), settings, tumour_mask=read_volume(mask))
    assert (tuple(header), lines) == statistics_to_cells(analysed.statistics)
    ktrans = dict(zip(header, lines[0], strict=True))
    assert (ktrans["map"], ktrans["unit"], ktrans["n"]) == ("Ktrans", "1/min", "12")
    assert float(ktrans["median"]) == pytest.approx(told["measurements"]["ktrans_median_per_min"], rel=1e-6)
    record = json.loads((tmp_path / "out" / "statistics.csv.json").read_text())
    assert (record["module"], record["settings"]["model"]) == ("QuantDCE", "tofts")


def test_the_artery_it_found_can_be_used_or_replaced(folder, tmp_path):
    found = run(folder, "--t10", 1.2, "--aif", "auto", "--out", tmp_path / "a")
    artery = read_volume(tmp_path / "a" / "artery.nrrd").array
    assert artery[0, :2].all()
    assert not artery[0, 2:].any()
    given = run(folder, "--t10", 1.2, "--aif", f"roi:{tmp_path / 'a' / 'artery.nrrd'}", "--out", tmp_path / "b")
    assert given["measurements"] == pytest.approx(found["measurements"])


def test_a_reference_tissue_stands_in_for_the_artery(folder, tmp_path):
    muscle, tumour = rows(folder, 4, 6, tmp_path / "muscle.nrrd"), rows(folder, 2, 4, tmp_path / "tumour.nrrd")
    options = ["--model", "reference_region", "--t10", 1.2, "--mask", tumour]
    run(folder, "--out", tmp_path / "1", *options, "--reference", muscle, "--reference-ktrans", 0.1)
    maps = maps_in(tmp_path / "1")
    np.testing.assert_allclose(maps["Ktrans_rel.nrrd"][0, 2], KTRANS / 0.1, rtol=0.03)
    np.testing.assert_allclose(maps["Ktrans.nrrd"][0, 2], KTRANS, rtol=0.03)
    np.testing.assert_allclose(maps["kep.nrrd"][0, 2], KTRANS / 0.3, rtol=0.06)
    with pytest.raises(InputError, match="no reference tissue"):
        run(folder, "--out", tmp_path / "2", *options)


def test_a_dry_run_says_what_it_understood_and_writes_nothing(folder, tmp_path):
    told = run(folder, "--dry-run", "--out", tmp_path / "no")
    assert not (tmp_path / "no").exists()
    assert (told["frames"], told["shape"], told["time_rule"]) == (50, [1, 6, 6], "TriggerTime")
    assert told["baseline_frames"] == [1, 2, 3, 4]
    assert "TR 5 ms, flip angle 20 degrees, field strength 1.5 T" in told["text"]


def test_semi_quantitative_maps_need_no_t1(folder, tmp_path):
    summary = run(folder, "--semi-quantitative", "--out", tmp_path, "--early", 60, "--late", 200)
    assert set(maps_in(tmp_path)) == {f"{n}.nrrd" for n in ("PE", "SER", "wash_in", "wash_out", "TTP", "FTV", "status")}
    assert summary["measurements"]["ftv_cm3"] == pytest.approx(sum(summary["ftv_bins_cm3"].values()))
    assert not (tmp_path / "aif.csv").exists()


def test_the_time_axis_can_be_edited(folder, tmp_path):
    times = ",".join(str(2 * time) for time in TIME_S)
    summary = run(folder, "--semi-quantitative", "--out", tmp_path, "--times", times)
    assert summary["time_s"][-1] == 2 * TIME_S[-1]
    assert any("by hand" in warning for warning in summary["warnings"])
    again = run("--settings", tmp_path / "settings.json", "--out", tmp_path / "2")
    np.testing.assert_array_equal(again["time_s"], summary["time_s"])


def test_series_and_kind_are_chosen_and_kept_for_the_next_run(tmp_path):
    for word, value in (("WATER", None), ("FAT", 5)):
        write_frames(tmp_path / "dyn", value=value, ImageType=["DERIVED", "PRIMARY", "DIXON", word])
        write_frames(tmp_path / "dyn", [0], series=9, value=value, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    with pytest.raises(QuestionsError) as caught:
        run(tmp_path / "dyn", "--dry-run")
    assert [question.key for question in caught.value.questions] == ["kind"]
    for words in (["--kind", "water"], ["--set", "kind=W"]):
        told = run(tmp_path / "dyn", "--dry-run", *words)
        assert told["about"]["images"] == "water"
        assert "localisers" in told["about"]["left_out"]
    with pytest.raises(InputError, match="no series 4"):
        run(tmp_path / "dyn", "--dry-run", "--series", "4")
    settings = dce.read(parsed(tmp_path / "dyn", "--dry-run", "--series", "3", "--kind", "fat", "--vfa-kind", "water"))
    assert (settings.inputs.series, settings.inputs.kind, settings.inputs.vfa_kind) == ("3", "fat", "water")
    write_json(to_file(settings.inputs, settings.analysis, tmp_path), tmp_path / "settings.json")
    again = dce.read(parsed("--settings", tmp_path / "settings.json", "--dry-run"))
    assert again.inputs == dataclasses.replace(settings.inputs, dynamic=again.inputs.dynamic)


def test_lists_need_no_images():
    assert {model["name"] for model in run("--list-models")["models"]} == set(MODEL_CHOICES) - {"none"}
    assert any("Magnevist" in line for line in run("--list-agents")["text"])


def test_every_setting_can_be_named():
    given = {
        "model": "tofts",
        "aif": "orton1",
        "fit_delay": "true",
        "delay_bounds_s": "-5,5",
        "baseline": "1,4",
        "ftv_ser_bins": "0,1,2",
        "ftv_neighbours": "5",
        "agent": "gadobutrol",
        "arrival_s": "none",
    }
    _, settings = choices(parsed("folder", *(f"--set={name}={value}" for name, value in given.items())))
    assert settings.delay_bounds_s == (-5.0, 5.0)
    assert (settings.baseline, settings.ftv_neighbours, settings.fit_delay) == ((1, 4), 5, True)
    assert settings.ftv_rule.ser_bins == (0.0, 1.0, 2.0)
    assert settings.arrival_s is None
    for field in dataclasses.fields(DceSettings):
        value = DceSettings().to_dict()[field.name]
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value).lower()
        _, settings = choices(parsed("folder", f"--set={field.name}={text}"))
        assert settings == DceSettings()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "No dynamic series"),
        (("x", "--set", "ftv_neighbours=4.5"), "ftv_neighbours"),
        (("x", "--set", "delay_bounds_s=3"), "delay_bounds_s"),
        (("x", "--delay-bounds", 3, -3), "delay_bounds_s"),
        (("x", "--ser-frames", "3"), "--ser-frames"),
        (("x", "--ser-frames", "3:3"), "ser_frames"),
        (("x", "--early", 500), "late frame"),
        (("x", "--agent", "salt"), "gadobutrol"),
        (("x", "--aif", "parker:file"), "not an input"),
        (("x", "--times", "1;2"), "--times"),
        (("x", "--set", "ftv_ser_bins=2,1"), "increase"),
    ],
)
def test_a_wrong_option_is_one_sentence(words, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        choices(parsed(*words))
    assert "\n" not in str(caught.value)


def test_a_file_that_holds_no_settings_is_refused(tmp_path):
    path = tmp_path / "settings.json"
    for text, words in (
        ("{", "JSON"),
        ("[]", "parts"),
        ('{"model": "tofts"}', "parts"),
        ('{"inputs": {"folder": "x"}}', "input 'folder'"),
        ('{"inputs": {"dynamic": ["x"]}, "settings": {"modle": 1}}', "modle"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=words):
            choices(parsed("--settings", path))
    with pytest.raises(InputError, match="does not exist"):
        choices(parsed("--settings", tmp_path / "none.json"))


def test_results_need_a_folder(folder):
    with pytest.raises(InputError, match="--out"):
        run(folder, "--t10", 1.0)


def labelled(folder, path):
    """Label 1 in the tumour's rows, 2 in the artery's, 3 in those of muscle."""
    labels = np.repeat(np.array([2, 2, 1, 1, 3, 3], np.uint8), 6).reshape(1, 6, 6)
    write_volume(Volume(labels, read_dynamic(folder).series.ijk_to_ras), path)
    return path


def test_labels_of_one_file_are_named_after_it_or_answered_and_kept_in_the_settings(folder, tmp_path):
    both = labelled(folder, tmp_path / "a:b.nrrd")
    options = ["--t10", 1.2, "--model", "tofts", "--aif", f"roi:{both}:2"]
    with pytest.raises(QuestionsError, match="which of them is the tumour") as asked:
        run(folder, "--out", tmp_path / "0", *options, "--mask", both)
    assert asked.value.questions[0].key == "tumour_segment"
    named = run(folder, "--out", tmp_path / "1", *options, "--mask", f"{both}:1")
    answered = run(folder, "--out", tmp_path / "2", *options, "--mask", both, "--set", "tumour_segment=1")
    again = run("--settings", tmp_path / "2" / "settings.json", "--out", tmp_path / "3")
    assert named["measurements"] == answered["measurements"] == again["measurements"]
    assert named["measurements"]["volume_cm3"] == pytest.approx(12 * 0.008)
    np.testing.assert_allclose(maps_in(tmp_path / "1")["Ktrans.nrrd"][0, 2], KTRANS, rtol=0.05)
    reference = ["--model", "reference_region", "--t10", 1.2, "--mask", f"{both}:1", "--reference", f"{both}:3"]
    run(folder, "--out", tmp_path / "4", *reference, "--reference-ktrans", 0.1)
    np.testing.assert_allclose(maps_in(tmp_path / "4")["Ktrans.nrrd"][0, 2], KTRANS, rtol=0.03)
    found = run(folder, "--out", tmp_path / "5", "--t10", 1.2, "--aif", f"auto:{both}:2", "--mask", f"{both}:1")
    assert found["voxels"]["n"] == 12


def test_an_answer_is_the_last_word_over_an_option_that_cannot_be(folder, tmp_path):
    mask = rows(folder, 2, 4, tmp_path / "tumour.nrrd")
    options = ["--mask", mask, "--t10", 1.2, "--hct", 4.2]
    with pytest.raises(QuestionsError, match="haematocrit"):
        run(folder, "--out", tmp_path / "1", *options)
    assert not (tmp_path / "1").exists()
    assert run(folder, "--out", tmp_path / "1", *options, "--set", "hematocrit=0.42")["settings"]["hematocrit"] == 0.42


def test_numbers_without_a_mask_are_marked_as_of_the_whole_field_of_view(folder, tmp_path):
    whole = run(folder, "--out", tmp_path / "1", "--t10", 1.2)
    assert whole["measured_in"] == "whole field of view"
    assert any("whole field of view" in line for line in whole["text"])
    mask = rows(folder, 2, 4, tmp_path / "tumour.nrrd")
    measured = run(folder, "--out", tmp_path / "2", "--t10", 1.2, "--mask", mask)
    assert measured["measured_in"] == "tumour"
    assert not any("whole field of view" in line for line in measured["text"])
