"""The closed loop: a virtual patient of known truth, from DICOM through the whole study, against that truth."""

import json
import re

import numpy as np
import pytest
from HER2ImmunoCommonLib.geometry import read_volume
from HER2ImmunoCommonLib.measurements import read_csv
from HER2ImmunoModelLib.calibration.result import read_calibration
from HER2ImmunoStudyLib.cli import main

VISITS = ("baseline", "day_7", "day_14")


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    folder = tmp_path_factory.mktemp("closed_loop") / "patient"
    assert main(["phantom", "--out", str(folder), "--quiet"]) == 0
    return folder


@pytest.fixture(scope="module")
def results(patient):
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    folder = patient.parent / "results"
    summary = patient.parent / "study.json"
    assert main(["study", str(patient), "--out", str(folder), "--json", str(summary), "--quiet"]) == 0
    return folder


@pytest.fixture(scope="module")
def truth(patient):
    return json.loads((patient / "truth" / "truth.json").read_text())


@pytest.mark.parametrize("visit", VISITS)
def test_ktrans_is_the_truth_within_two_percent(patient, results, visit):
    true = read_volume(patient / "truth" / visit / "Ktrans.nrrd").array
    found = read_volume(results / visit / "Ktrans.nrrd").array
    measured = np.isfinite(found)
    tumour = read_volume(patient / visit / "masks" / "tumour.nrrd").array > 0
    np.testing.assert_array_equal(measured, tumour)
    perfused = tumour & (true > 0)
    assert np.max(np.abs(found[perfused] / true[perfused] - 1)) < 0.02
    assert np.max(np.abs(found[tumour & (true == 0)])) < 1e-3


@pytest.mark.parametrize("visit", VISITS)
def test_suv_is_the_truth_within_half_a_percent(patient, results, visit):
    true = read_volume(patient / "truth" / visit / "SUV.nrrd")
    found = read_volume(results / visit / "SUVbw.nrrd")
    np.testing.assert_allclose(found.ijk_to_ras, true.ijk_to_ras, atol=1e-3)
    uptake = true.array > 0.1
    assert np.max(np.abs(found.array[uptake] / true.array[uptake] - 1)) < 0.005


def test_the_measurements_are_the_states_of_the_patient(patient, results, truth):
    rows = read_csv(results / "measurements.csv")
    assert [row.visit for row in rows] == list(VISITS)
    columns = {"V": "vascular_fraction", "N": "necrotic_fraction", "H": "hypoxic_fraction"}
    for row, visit in zip(rows, truth["visits"], strict=True):
        assert row.day == visit["day"]
        assert row.values["volume_cm3"] == pytest.approx(visit["states"]["T"], rel=0.02)
        for state, column in columns.items():
            assert row.values[column] == pytest.approx(visit["states"][state], abs=0.01)


def test_the_calibrated_intervals_hold_the_true_parameters(results, truth):
    estimates = read_calibration(results / "model" / "calibration.json").estimates
    inside = [entry.lower <= truth["parameters"][name] <= entry.upper for name, entry in estimates.items()]
    assert np.mean(inside) > 0.85
    for name in ("T0", "V0", "N0", "H0"):
        assert estimates[name].set_by == "data"
        assert estimates[name].lower <= truth["parameters"][name] <= estimates[name].upper


def test_the_truly_best_schedule_is_among_the_first_two(results, truth):
    summary = json.loads((results.parent / "study.json").read_text())
    assert truth["schedules"]["best"] in [row["schedule"] for row in summary["ranking"][:2]]
    assert len(summary["ranking"]) == 6


def test_the_report_stands_alone_and_shows_every_part(results):
    page = (results / "report.html").read_text()
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]+"', page)
    for words in (
        "For research",
        "Measurements",
        "The visits side by side",
        "Ktrans",
        "Tumour-to-muscle",
        "Enhancement",
        "Schedules compared",
        "/min",
    ):
        assert words in page
    of_each, side_by_side = 4, 2
    assert page.count("data:image/png") == (of_each + side_by_side) * len(VISITS)


def test_the_report_speaks_to_people(results):
    page = (results / "report.html").read_text()
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    assert not re.findall(r"\b[a-z]+_[a-z0-9_]+\b", text.replace("t_ref", "").replace("t_adm", ""))
    assert not re.findall(r"\b\d+(?:\.\d+){5,}\b", text), "an identifier of DICOM"
    assert str(results.parent) not in page
    assert "Three visits: baseline (day 0), day 7 and day 14. Given so far: trastuzumab, 0.25 of a full dose" in text
    assert text.count("PE, SER and FTV are not at their usual times") == 1


def test_every_map_has_its_record(results):
    maps = sorted(results.rglob("*.nrrd"))
    assert len(maps) >= 3 * 10
    for path in maps:
        record = json.loads(path.with_name(path.name + ".json").read_text())
        assert record["module"] in ("QuantDCE", "PETHypoxia")
        assert record["settings"]
        assert record["inputs"]


def test_the_scene_opens_with_maps_segments_table_and_charts(results, scene):
    import slicer
    from HER2ImmunoCommonLib.scene.segments import segment_mask
    from HER2ImmunoCommonLib.scene.standalone import load_mrb
    from HER2ImmunoCommonLib.scene.tables import read_table

    load_mrb(scene, results / "study.mrb")
    assert read_table(slicer.util.getNode("Measurements")) == read_csv(results / "measurements.csv")
    ktrans = slicer.util.getNode("day_7 Ktrans (1/min)")
    segmentation = slicer.util.getNode("day_7 segmentation")
    mask = segment_mask(segmentation, segmentation.GetSegmentation().GetNthSegmentID(0), ktrans)
    np.testing.assert_array_equal(mask, np.isfinite(slicer.util.arrayFromVolume(ktrans)))
    assert scene.GetNumberOfNodesByClass("vtkMRMLPlotChartNode") >= 5
    assert "Provenance" in " ".join(ktrans.GetAttributeNames())
