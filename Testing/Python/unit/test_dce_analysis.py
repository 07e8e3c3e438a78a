"""The whole analysis and the command: a digital reference object, a real breast slice, settings, bad input."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume, read_volume, write_volume
from HER2ImmunoStudyLib.cli import dce
from QuantDCELib import (
    POPULATION_AIFS,
    Aif,
    DceSettings,
    DynamicImages,
    Status,
    VfaImages,
    analyse,
    population_aif,
    read_aif_csv,
    read_dynamic,
    spgr_signal,
)
from QuantDCELib.dicom.time_axis import TimeAxis
from QuantDCELib.enhancement.semiquant import (
    iaugc_mM_s,
    integral_weights,
    percent_enhancement,
    signal_enhancement_ratio,
    time_to_peak_s,
)
from QuantDCELib.kinetics.models import curve

DATA = Path(os.environ.get("HER2IMMUNO_DATA", Path(__file__).resolve().parents[3].parent / "shared" / "data")) / "dce"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the reference data are not here (HER2IMMUNO_DATA)")


def images(signal, time_s, tr_s=0.005, flip_deg=20.0):
    series = TimeSeries(np.asarray(signal, np.float32), np.eye(4), time_s)
    return DynamicImages(series, TimeAxis(time_s, "given"), tr_s, flip_deg, 1.5, {"study": [], "series": []})


@pytest.fixture(scope="module")
def phantom():
    """(1, 6, 20) voxels without noise: tumour, a non-enhancing core and background; Parker input arriving at 31 s."""
    time_s = np.arange(0, 400, 5.0)
    fine = np.arange(31.0, 400, 0.25)
    plasma = population_aif("parker", fine, arrival_s=31.0)
    truth = np.tile(np.linspace(0.02, 0.4, 20), (1, 6, 1))
    truth[:, :2] = 0.0
    signal = np.empty((*truth.shape, time_s.size))
    for index, ktrans in np.ndenumerate(truth):
        tissue = curve(
            "extended_tofts",
            {"Ktrans": ktrans, "kep": ktrans / 0.3, "vp": 0.05 * (ktrans > 0)},
            time_s,
            plasma,
            aif_time_s=fine,
        )
        signal[index] = spgr_signal(1 / 1.2 + 4.5 * tissue, tr_s=0.005, flip_deg=20, m0=4000)
    return images(signal, time_s), truth


def test_ktrans_and_fractions_of_a_phantom(phantom):
    dynamic, truth = phantom
    result = analyse(dynamic, DceSettings(t10_s=1.2), tumour_mask=np.ones(truth.shape, bool))
    alive = truth > 0
    np.testing.assert_allclose(result.maps["Ktrans"][alive], truth[alive], rtol=0.02)
    assert result.arrival_s == pytest.approx(31.0, abs=0.2)
    assert result.measurements["necrotic_fraction"] == pytest.approx(1 / 3)
    assert result.measurements["vascular_fraction"] == pytest.approx(np.mean(truth >= 0.05), abs=0.01)
    assert result.measurements["volume_cm3"] == pytest.approx(0.12)
    assert (result.maps["Ktrans"][~alive] < 1e-5).all()
    assert result.baseline.tolist() == list(range(7))
    assert set(result.units) == set(result.maps)
    np.testing.assert_allclose(result.roi.fitted_mM, result.roi.concentration_mM, atol=0.02)


def test_maps_are_made_inside_the_mask_only(phantom):
    dynamic, truth = phantom
    mask = np.zeros(truth.shape, bool)
    mask[0, 3, :7] = True
    inside = analyse(dynamic, DceSettings(t10_s=1.2, arrival_s=31.0), tumour_mask=Volume(mask, np.eye(4)))
    whole = analyse(dynamic, DceSettings(t10_s=1.2, arrival_s=31.0, whole_volume=True), tumour_mask=mask)
    np.testing.assert_allclose(inside.maps["Ktrans"][mask], whole.maps["Ktrans"][mask], rtol=1e-5)
    assert np.isnan(inside.maps["Ktrans"][~mask]).all()
    assert (inside.maps["status"][~mask] == Status.OUTSIDE).all()
    assert inside.measurements == pytest.approx(whole.measurements, rel=1e-5)


def test_a_baseline_with_enhanced_frames_is_told(phantom):
    result = analyse(phantom[0], DceSettings(t10_s=1.2, baseline=(0, 12)))
    assert any("too low" in warning for warning in result.warnings)


def test_bad_analyses_are_refused(phantom):
    dynamic, truth = phantom
    with pytest.raises(QuestionsError, match="T1 of the tissue"):
        analyse(dynamic, DceSettings())
    with pytest.raises(QuestionsError, match="TR"):
        analyse(images(dynamic.series.array, dynamic.series.time_s, tr_s=None), DceSettings(t10_s=1.0))
    for options, words in (
        ({"tumour_mask": np.ones((2, 2, 2))}, "mask has shape"),
        ({"tumour_mask": np.zeros(truth.shape)}, "empty"),
        ({"t10": np.ones((1, 2, 3))}, "T1 map"),
    ):
        with pytest.raises(InputError, match=words):
            analyse(dynamic, DceSettings(t10_s=1.0), **options)
    with pytest.raises(InputError, match="artery"):
        analyse(dynamic, DceSettings(t10_s=1.0, aif="roi"))
    constant = images(np.ones((1, 2, 2, 20)), np.arange(20.0))
    with pytest.raises(InputError, match="baseline"):
        analyse(constant, DceSettings(t10_s=1.0))


def test_settings_survive_a_round_trip_and_name_what_is_wrong():
    settings = DceSettings(model="tofts", baseline=(1, 5), t10_s=1.1)
    assert DceSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings
    for values, words in (
        ({"modle": "tofts"}, "modle"),
        ({"hematocrit": "x"}, "hematocrit"),
        ({"model": "x"}, "model"),
    ):
        with pytest.raises(InputError, match=words):
            DceSettings.from_dict(values)


@pytest.mark.parametrize("name", POPULATION_AIFS)
def test_population_inputs_are_zero_before_arrival_and_scale_with_dose(name):
    time_s = np.arange(0, 600, 0.5)
    plasma = population_aif(name, time_s, arrival_s=60.0)
    assert (plasma[time_s < 60] == 0).all()
    assert (plasma >= 0).all()
    assert 0.5 < plasma.max() < 20
    np.testing.assert_allclose(population_aif(name, time_s, arrival_s=60.0, dose=0.2), 2 * plasma)
    np.testing.assert_allclose(population_aif(name, time_s + 7, arrival_s=67.0), plasma, atol=1e-9)


def test_parker_peaks_at_its_first_pass():
    time_s = np.arange(0, 60, 0.05)
    blood = population_aif("parker", time_s, hematocrit=0.0)
    assert blood.max() == pytest.approx(6.07, abs=0.01)
    assert time_s[blood.argmax()] == pytest.approx(0.17046 * 60, abs=0.3)


def test_an_input_file_is_read_in_blood_or_plasma(tmp_path):
    path = tmp_path / "aif.csv"
    path.write_text("time_s,blood_mM\n0,0\n5,1.2\n")
    np.testing.assert_allclose(read_aif_csv(path, hematocrit=0.4).plasma_mM, [0, 2])
    for text, words in (
        ("time_s,x\n0,0\n", "plasma_mM"),
        ("time_s,plasma_mM\n0,a\n", "row 2"),
        ("time_s,plasma_mM\n5,1\n0,1\n", "increase"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=words):
            read_aif_csv(path, hematocrit=0.4)


def test_semi_quantitative_measures_of_a_straight_line():
    time_s = np.array([0.0, 10, 25, 70, 100])
    line = np.maximum(time_s - 10, 0)
    assert iaugc_mM_s(line, time_s, 10.0, 60.0) == pytest.approx(1800)
    assert integral_weights(time_s, 12.0, 13.0).sum() == pytest.approx(1)
    assert time_to_peak_s(line, time_s, 10.0) == 90
    signal = 100 + line
    assert percent_enhancement(signal, [0, 1], 3) == pytest.approx(60)
    assert signal_enhancement_ratio(signal, [0, 1], 3, 4) == pytest.approx(60 / 90)
    with pytest.raises(InputError, match="cover"):
        iaugc_mM_s(line, time_s, 60.0, 60.0)


def run_command(*words):
    parser = ArgumentParser()
    dce.add_arguments(parser)
    return dce.run(dce.read(parser.parse_args([str(word) for word in words])), lambda fraction, text: None)


@needs_data
def test_the_reference_object_through_the_command(tmp_path):
    folder = DATA / "qiba_v6_siemens_5s"
    vessel = np.zeros((1, 80, 50), np.uint8)
    vessel[:, 70:80] = 1
    grid = read_dynamic(folder).series.ijk_to_ras
    write_volume(Volume(vessel, grid), tmp_path / "vessel.nrrd")
    tissue = np.zeros((1, 80, 50), np.uint8)
    tissue[:, 10:70] = 1
    write_volume(Volume(tissue, grid), tmp_path / "tissue.nrrd")
    options = ["--hct", 0.45, "--t10", 1.0, "--t10-blood", 1.44, "--model", "tofts", "--mask", tmp_path / "tissue.nrrd"]
    out = tmp_path / "out"
    summary = run_command(folder, "--out", out, "--aif", f"roi:{tmp_path / 'vessel.nrrd'}", *options)
    ktrans = read_volume(out / "Ktrans.nrrd").array[0, 10:70]
    truth = np.repeat([0.01, 0.02, 0.05, 0.1, 0.2, 0.35], 10)[:, None] * np.ones(50)
    ve = np.repeat([0.01, 0.05, 0.1, 0.2, 0.5], 10) * np.ones((60, 1))
    error = (ktrans / truth - 1)[ve >= 0.05]
    print(f"QIBA 5 s: median {np.median(np.abs(error)):.4%}, rms {np.sqrt(np.mean(error**2)):.4%}")
    assert np.median(np.abs(error)) <= 0.015
    assert np.sqrt(np.mean(error**2)) <= 0.012
    assert summary["voxels"]["n_failed"] == 0
    for name in ("ve.nrrd", "status.nrrd", "IAUGC60.nrrd", "aif.csv", "curve.csv"):
        assert (out / name).is_file()
        assert json.loads((out / f"{name}.json").read_text())["settings"]["model"] == "tofts"
    # The input it wrote can be used again.
    again = run_command(folder, "--out", tmp_path / "2", "--aif", f"file:{out / 'aif.csv'}", *options)
    assert again["measurements"]["ktrans_median_per_min"] == pytest.approx(
        summary["measurements"]["ktrans_median_per_min"], rel=1e-6
    )


@needs_data
def test_a_wrong_option_of_the_command_is_one_sentence(tmp_path):
    folder = DATA / "qiba_v6_siemens_5s"
    for options, words in (
        (["--aif", "roi"], "roi:MASK"),
        (["--baseline", "5:1"], "range of frames"),
        (["--aif", "nonsense"], "aif is 'nonsense'"),
        (["--hct", 1.5], "hematocrit"),
        (["--set", "x=1"], "x"),
    ):
        with pytest.raises(InputError, match=words):
            run_command(folder, "--out", tmp_path, *options)
    with pytest.raises(QuestionsError, match="T1 of the tissue"):
        run_command(folder, "--out", tmp_path, "--aif", "parker")
    assert not list(tmp_path.iterdir())


@needs_data
@pytest.mark.parametrize("model", ["tofts", "extended_tofts"])
def test_a_real_breast_slice_gives_plausible_maps(model):
    data = scipy.io.loadmat(DATA / "breast_slice" / "breast_slice.mat")
    tr_s, time_s, plasma = float(data["TR"].item()), data["t"].ravel(), data["Cp"].ravel()
    dynamic = images(np.moveaxis(data["DCEdata"], 0, -1)[None], time_s, tr_s, float(data["DCEflip"].item()))
    flips = data["T1flip"].ravel().astype(float)
    vfa = VfaImages(np.moveaxis(data["T1data"], 0, -1)[None], np.eye(4), flips, tr_s, {})
    result = analyse(
        dynamic, DceSettings(model=model, aif="file"), vfa=vfa, aif=Aif(time_s, plasma, plasma, "measured")
    )
    print(result.counts)
    fitted = result.maps["status"] <= Status.NO_UPTAKE
    assert 15000 < fitted.sum() < 25000
    assert np.isnan(result.maps["Ktrans"][~fitted]).all()
    assert (result.maps["Ktrans"][fitted] >= 0).all()
    good = result.maps["r_squared"] > 0.8
    assert good.sum() > 1000
    assert 0.02 < np.median(result.maps["Ktrans"][good]) < 0.2
    assert 0.1 < np.median(result.maps["ve"][good]) < 0.6
    assert 0.5 < np.median(result.maps["T10"][good]) < 2.0
    assert any("16.4 s" in warning for warning in result.warnings)
