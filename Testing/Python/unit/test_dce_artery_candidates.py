"""Arteries to choose from: in order, the first that of the automatic search; each with its input and its worth."""

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from QuantDCELib import Aif, DceSettings, DynamicImages, analyse, find_artery, population_aif, spgr_signal
from QuantDCELib.analysis.candidates import input_candidates
from QuantDCELib.analysis.input_preview import images_of, preview_input
from QuantDCELib.arterial_input import POPULATION_AIFS, compare_with_population, find_arteries
from QuantDCELib.arterial_input.plausible import peak_warnings
from QuantDCELib.dicom.time_axis import TimeAxis

TIME_S = np.arange(0.0, 300.0, 4.0)
SHAPE = (3, 24, 24)
SETTINGS = DceSettings(t10_s=1.2)
VESSELS = ((1.0, 31.0, (slice(None), slice(2, 5), slice(2, 4))), (0.6, 33.0, (slice(0, 2), slice(14, 16), slice(3, 5))))
VESSELS += ((0.4, 37.0, (slice(1, 3), slice(16, 18), slice(18, 20))), (0.3, 31.0, (1, 20, 12)))
"""Share of Parker's input, arrival and place: an artery, two more, and a single voxel."""


def blood_mM(share, arrival_s):
    return 0.58 * share * population_aif("parker", TIME_S, arrival_s=arrival_s)


def signal_of(concentration_mM, t10_s=1.44):
    return spgr_signal(1 / t10_s + 4.5 * concentration_mM, tr_s=0.005, flip_deg=20.0, m0=4000)


def images(signal, tr_s=0.005):
    series = TimeSeries(np.asarray(signal, np.float32), np.eye(4), TIME_S)
    return DynamicImages(series, TimeAxis(TIME_S, "given"), tr_s, 20.0, 1.5, {})


@pytest.fixture(scope="module")
def body():
    rng = np.random.default_rng(3)
    concentration = np.zeros((*SHAPE, TIME_S.size))
    concentration[:, 8:12, 8:16] = 0.5 * np.clip((TIME_S - 35.0) / 150.0, 0, 1)
    for share, arrival_s, place in VESSELS:
        concentration[place] = blood_mM(share, arrival_s)
    signal = signal_of(concentration)
    return (signal + rng.normal(0, 0.5, signal.shape)).astype(np.float32)


def inside(place):
    mask = np.zeros(SHAPE, bool)
    mask[place] = True
    return mask


def test_every_vessel_is_a_candidate_and_the_best_comes_first(body):
    found = find_arteries(body, TIME_S, np.arange(7))
    assert len(found) == len(VESSELS)
    for artery, (_share, arrival_s, place) in zip(found, VESSELS, strict=True):
        np.testing.assert_array_equal(artery.mask, inside(place))
        assert artery.n_voxels == inside(place).sum()
        assert artery.peak_s == pytest.approx(arrival_s + 10.0, abs=4.0)
    assert [artery.n_voxels for artery in find_arteries(body, TIME_S, np.arange(7), n_voxels=5, most=2)] == [5, 5]


@pytest.mark.parametrize("seed", range(6))
def test_the_first_candidate_is_the_artery_found_automatically(seed):
    """Also among vessels that are exactly alike, as in phantoms."""
    rng = np.random.default_rng(seed)
    concentration = np.zeros((*SHAPE, TIME_S.size))
    for corner in rng.integers(0, 21, (5, 2)):
        place = (rng.integers(0, 3), slice(corner[0], corner[0] + 2), slice(corner[1], corner[1] + 3))
        concentration[place] = blood_mM(0.8 if seed % 2 else rng.uniform(0.3, 1.0), 31.0)
    signal = signal_of(concentration) + rng.normal(0, 0.5 * (seed > 1), concentration.shape)
    one, several = find_artery(signal, TIME_S, np.arange(7)), find_arteries(signal, TIME_S, np.arange(7))
    np.testing.assert_array_equal(several[0].mask, one.mask)
    np.testing.assert_array_equal(several[0].signal, one.signal)
    assert (several[0].peak_s, several[0].remark) == (one.peak_s, one.remark)
    together = np.sum([artery.mask for artery in several], axis=0)
    assert together.max() == 1


def test_a_place_to_look_leaves_out_the_others(body):
    place = np.zeros(SHAPE, bool)
    place[:, 13:, :] = True
    found = find_arteries(body, TIME_S, np.arange(7), search=place)
    np.testing.assert_array_equal(found[0].mask, inside(VESSELS[1][2]))
    with pytest.raises(InputError, match="No artery was found"):
        find_arteries(body, TIME_S, np.arange(7), search=inside(np.s_[:, 9:11, 9:14]))


def test_each_candidate_has_the_input_of_its_own_artery(body):
    found = input_candidates(images(body), SETTINGS)
    for candidate, (share, arrival_s, _place) in zip(found, VESSELS, strict=True):
        truth = blood_mM(share, arrival_s) / 0.58
        np.testing.assert_allclose(candidate.preview.aif.plasma_mM, truth, atol=0.04 * truth.max())
        assert candidate.preview.peak_mM == pytest.approx(truth.max(), rel=0.04)
        assert candidate.preview.peak_s == TIME_S[truth.argmax()]
        assert candidate.preview.arrival_s == pytest.approx(arrival_s, abs=4.0)
        assert candidate.preview.doubt == ""


def test_the_first_candidate_is_the_input_of_the_run(body):
    first = input_candidates(images(body), SETTINGS)[0]
    run = analyse(images(body), DceSettings(t10_s=1.2, aif="auto", model="tofts"))
    np.testing.assert_array_equal(first.artery.mask, run.artery)
    np.testing.assert_array_equal(first.preview.aif.plasma_mM, run.aif.plasma_mM)
    np.testing.assert_array_equal(first.preview.baseline, run.baseline)
    assert first.preview.arrival_s == run.arrival_s
    assert set(first.preview.warnings) <= set(run.warnings)


def test_a_candidate_that_cannot_be_converted_hides_no_other(body):
    signal = body.copy()
    signal[VESSELS[0][2]] *= 1.0 + 4.0 * (blood_mM(1.0, 31.0) > 2.0)
    first, *others = input_candidates(images(signal), SETTINGS)
    assert first.preview.aif is None
    assert np.isnan(first.preview.peak_mM)
    assert "above what the sequence can give" in first.preview.doubt
    assert all(candidate.preview.aif is not None for candidate in others)


def test_without_tr_there_are_candidates_but_no_concentration(body):
    found = input_candidates(images(body, tr_s=None), SETTINGS)
    assert len(found) == len(VESSELS)
    assert all("what is the TR" in candidate.preview.reason for candidate in found)
    with pytest.raises(InputError, match="no arterial input"):
        input_candidates(images(body), DceSettings(model="none"))


def test_b1_of_the_artery_changes_its_concentration(body):
    b1 = np.ones(SHAPE)
    b1[VESSELS[0][2]] = 1.2
    plain, corrected = (input_candidates(images(body), SETTINGS, b1=given) for given in (None, b1))
    assert corrected[0].b1 == pytest.approx(1.2)
    assert abs(corrected[0].preview.peak_mM / plain[0].preview.peak_mM - 1) > 0.05
    np.testing.assert_array_equal(corrected[1].preview.aif.plasma_mM, plain[1].preview.aif.plasma_mM)
    run = analyse(images(body), DceSettings(t10_s=1.2, aif="auto", model="tofts"), b1=b1)
    np.testing.assert_array_equal(corrected[0].preview.aif.plasma_mM, run.aif.plasma_mM)


def test_the_preview_says_what_is_given_and_what_is_wrong(body):
    voxels = images_of(images(body), body[VESSELS[0][2]].reshape(-1, TIME_S.size))
    late = preview_input(voxels, DceSettings(t10_s=1.2, aif="roi", baseline=(0, 12)))
    assert any("signal rises after frame" in warning for warning in late.warnings)
    np.testing.assert_array_equal(late.baseline, np.arange(12))
    given = preview_input(voxels, DceSettings(t10_s=1.2, aif="roi", arrival_s=44.0))
    assert given.arrival_s == 44.0
    flat = preview_input(images_of(images(body), np.full((1, TIME_S.size), 100.0)), SETTINGS)
    assert flat.aif is None
    assert "does not rise" in flat.reason
    assert np.isnan(flat.arrival_s)
    percent = preview_input(voxels, DceSettings(t10_s=1.2, aif="roi", hematocrit=42.0), compared="parker")
    assert percent.comparison.area_ratio == pytest.approx(1.0, abs=0.1)
    assert any("percent" in warning for warning in percent.warnings)


# Beside a population input.


def measured(share, step_s=4.0, end_s=300.0, name="parker", **known):
    time_s = np.arange(0.0, end_s, step_s)
    plasma = share * population_aif(name, time_s, arrival_s=31.0, **known)
    return Aif(time_s, 0.58 * plasma, plasma, "test")


@pytest.mark.parametrize("share", [0.3, 1.0, 2.5])
def test_the_ratio_to_a_population_input_is_that_of_the_agent(share):
    found = compare_with_population(measured(share, 1.0), "parker", arrival_s=31.0)
    assert found.area_ratio == pytest.approx(share, rel=0.01)
    assert found.peak_ratio == pytest.approx(share, rel=0.02)
    assert found.population_peak_mM == pytest.approx(6.0 / 0.58, rel=0.03)
    assert found.is_alike == (share == 1.0)
    says = {0.3: "about 3.3 times too high", 1.0: "as in other people", 2.5: "about 2.5 times too low"}
    assert says[share] in found.sentence


def test_dose_and_haematocrit_count():
    twice = measured(1.0, 1.0, dose=0.2, hematocrit=0.3)
    found = compare_with_population(twice, "parker", arrival_s=31.0, dose=0.2, hematocrit=0.3)
    assert found.area_ratio == pytest.approx(1.0, rel=0.01)
    assert compare_with_population(twice, "parker", arrival_s=31.0).area_ratio == pytest.approx(
        2 * 0.58 / 0.7, rel=0.01
    )
    other = compare_with_population(measured(1.0, 1.0), "weinmann", arrival_s=31.0)
    assert "Weinmann" in other.sentence
    with pytest.raises(InputError, match="There is no input"):
        compare_with_population(twice, "nobody", arrival_s=31.0)


def test_a_peak_that_frames_miss_is_no_lack_of_agent():
    found = compare_with_population(measured(1.0, 16.0), "parker", arrival_s=31.0)
    assert found.peak_ratio < 0.5
    assert "frames this far apart miss it" in found.sentence
    assert found.is_alike


def test_too_short_a_curve_has_no_area():
    short = compare_with_population(measured(0.2, 2.0, end_s=45.0), "parker", arrival_s=31.0)
    assert np.isnan(short.area_ratio)
    assert "area" not in short.sentence
    assert not short.is_alike
    part = compare_with_population(measured(1.0, 2.0, end_s=80.0), "parker", arrival_s=31.0)
    assert part.area_s == pytest.approx(47.0)
    assert part.area_ratio == pytest.approx(1.0, rel=0.02)
    below = compare_with_population(measured(-1.0), "parker", arrival_s=31.0)
    assert "no arterial input" in below.sentence


@pytest.mark.parametrize("name", POPULATION_AIFS)
@pytest.mark.parametrize("step_s", [1.0, 15.0])
def test_blood_keeps_agent_after_the_first_pass(name, step_s):
    """A curve that falls to nothing, as of a voxel that moved, is told; no input of the literature is."""
    blood = measured(1.0, step_s, name=name)
    assert peak_warnings(blood) == ()
    moved = np.where(blood.time_s < 31.0 + 45.0, blood.plasma_mM, 0.0)
    (told,) = peak_warnings(replace(blood, plasma_mM=moved))
    assert "which blood does not" in told
