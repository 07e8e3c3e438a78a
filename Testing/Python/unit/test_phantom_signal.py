"""The phantom's physics against formulas integrated another way."""

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoStudyLib.phantom import mr_signal
from HER2ImmunoStudyLib.phantom.maps import mr_maps, pet_maps
from HER2ImmunoStudyLib.phantom.pet_signal import activity_Bq_per_mL
from HER2ImmunoStudyLib.phantom.presets import HUMAN, MOUSE, Grid, MRProtocol
from scipy.integrate import quad

STATES = {"T": 4.0, "I": 0.1, "V": 0.12, "N": 0.1, "H": 0.2}


def test_parker_blood_by_hand():
    protocol = MRProtocol(arrival_s=20.0)
    blood = mr_signal.blood_mM(protocol, np.array([0.0, 19.9, 20.0 + 0.17046 * 60, 320.0]))
    assert blood[0] == blood[1] == 0.0
    # First peak: the first Gaussian's height plus the other two terms at 0.17046 min.
    second = 0.330 / (0.132 * np.sqrt(2 * np.pi)) * np.exp(-((0.17046 - 0.365) ** 2) / (2 * 0.132**2))
    tail = 1.050 * np.exp(-0.1685 * 0.17046) / (1 + np.exp(-38.078 * (0.17046 - 0.483)))
    assert blood[2] == pytest.approx(0.809 / (0.0563 * np.sqrt(2 * np.pi)) + second + tail, rel=1e-12)
    assert blood[3] == pytest.approx(1.050 * np.exp(-0.1685 * 5), rel=1e-9)


def test_a_spread_injection_delivers_the_bolus():
    minutes = np.linspace(0.0, 60.0, 600_001)
    curve = mr_signal._injected(minutes, 2.0, 0.5, 0.1)
    assert np.trapezoid(curve, minutes) == pytest.approx(2.0 / 0.5, rel=1e-7)
    assert np.abs(np.diff(curve)).max() < 0.01


@pytest.mark.parametrize("protocol", [HUMAN.mr, MOUSE.mr], ids=["human", "mouse"])
def test_concentration_is_the_extended_tofts_integral(protocol):
    ktrans, ve, vp = np.array([0.3, 0.02, 0.0]), np.array([0.4, 0.05, 0.0]), np.array([0.05, 0.0, 0.55])
    found = mr_signal.tissue_mM(protocol, ktrans, ve, vp)

    def plasma(time_s):
        return float(mr_signal.blood_mM(protocol, time_s)) / (1 - protocol.hematocrit)

    for frame in (0, 12, 18, 40, 99):
        end = frame * protocol.frame_s
        knots = [protocol.arrival_s + 6.0, protocol.arrival_s + 30.0]
        for voxel in range(3):
            kep = ktrans[voxel] / ve[voxel] if ve[voxel] else 0.0
            integral, _ = quad(
                lambda u, kep=kep, end=end: plasma(u) * np.exp(-kep * (end - u) / 60.0),
                protocol.arrival_s,
                max(end, protocol.arrival_s),
                points=[knot for knot in knots if knot < end] or None,
                epsabs=1e-10,
                limit=200,
            )
            expected = vp[voxel] * plasma(end) + ktrans[voxel] / 60.0 * integral
            assert found[voxel, frame] == pytest.approx(expected, rel=2e-6, abs=1e-9)


def test_spoiled_gradient_echo_is_brightest_at_the_ernst_angle():
    flips = np.linspace(1.0, 40.0, 3901)
    signal = [mr_signal.spgr(1.0, 1.0 / 1.4, 0.005, flip) for flip in flips]
    assert flips[int(np.argmax(signal))] == pytest.approx(np.rad2deg(np.arccos(np.exp(-0.005 / 1.4))), abs=0.02)


def test_magnitude_noise_has_the_level_asked_for():
    signal = np.concatenate([np.full(200_000, 10.0), np.zeros(200_000)]).astype(np.float32)
    noisy = mr_signal.magnitude(signal, 0.2, np.random.default_rng(1))
    assert noisy[:200_000].std() == pytest.approx(0.2, rel=0.01)
    # Rayleigh where there is no signal.
    assert noisy[200_000:].mean() == pytest.approx(0.2 * np.sqrt(np.pi / 2), rel=0.01)
    assert mr_signal.magnitude(signal, 0.0, np.random.default_rng(1)) is signal


def test_noise_is_relative_to_the_tumour_before_contrast():
    preset = replace(HUMAN, mr_grid=Grid((8, 32, 32), (4.0, 4.0, 5.0), (-75.0, 58.0, 21.0)))
    maps = mr_maps(preset, 0, STATES)
    protocol = replace(preset.mr, frames=3)
    dynamic = mr_signal.dynamic_signal(protocol, maps)
    assert mr_signal.noise_sd(dynamic, maps, 0.05) == pytest.approx(0.05 * dynamic[maps.tumour][:, 0].mean())


def test_an_unknown_input_function_is_refused():
    with pytest.raises(InputError, match="'square'"):
        mr_signal.blood_mM(MRProtocol(input_function="square"), np.zeros(1))


def test_activity_by_hand_noise_and_blur():
    mr = mr_maps(HUMAN, 0, STATES)
    pet = pet_maps(HUMAN, 0, STATES, mr)
    exact = activity_Bq_per_mL(HUMAN, pet, 0.0, np.random.default_rng(0))
    left_Bq = 2.6e8 * 0.5 ** (7200 / 6586.2)
    np.testing.assert_allclose(exact, pet.suv * left_Bq / 68000, rtol=1e-12)
    noisy = activity_Bq_per_mL(HUMAN, pet, 0.1, np.random.default_rng(0))
    assert (noisy[pet.muscle] / exact[pet.muscle]).std() == pytest.approx(0.1, rel=0.05)
    assert not noisy[pet.suv == 0].any()
    blurred = activity_Bq_per_mL(replace(HUMAN, pet=replace(HUMAN.pet, psf_mm=6.0)), pet, 0.0, np.random.default_rng(0))
    assert blurred[pet.tumour].max() < exact[pet.tumour].max()
    assert blurred.sum() == pytest.approx(exact.sum(), rel=0.02)
