"""Forward curves of the models: numerical quadrature, and the limits in which one model becomes another."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from QuantDCELib import convolve_exponential, population_aif
from QuantDCELib.kinetics.models import curve
from scipy.integrate import quad

AIF_TIME_S = np.arange(0, 301, 0.5)
AIF_MM = population_aif("parker", AIF_TIME_S, arrival_s=30.0)
TIME_S = np.sort(np.random.default_rng(1).uniform(0, 300, 60))
NODES_S = np.array([0.0, 7.0, 20.0, 33.0, 60.0, 61.5, 110.0, 200.0])
VALUES_MM = np.array([0.0, 0.0, 3.0, 6.0, 2.0, 2.5, 1.0, 0.5])


def at(name, parameters, time_s=TIME_S):
    return curve(name, parameters, time_s, AIF_MM, aif_time_s=AIF_TIME_S)


def impulse_response(name, p):
    """Per minute, of t in minutes, written from the compartments' equations rather than from the library."""
    if name in ("tofts", "extended_tofts"):
        return lambda t: p["Ktrans"] * math.exp(-t * p["Ktrans"] / p["ve"])
    if name == "patlak":
        return lambda t: p["Ktrans"]
    fp, ps = p["Fp"] / 100, p["PS"] / 100
    if name == "2cum":
        extracted = ps / (fp + ps)
        return lambda t: fp * ((1 - extracted) * math.exp(-t * (fp + ps) / p["vp"]) + extracted)
    # The exponential of the compartments' matrix, in amounts over the root of each volume: so scaled it is symmetric,
    # whatever the exchange, and its rates are real.
    root = np.sqrt([p["vp"], p["ve"]])
    flow = np.array([[-(fp + ps), ps], [ps, -ps]]) / np.outer(root, root)
    rates, modes = np.linalg.eigh(flow)
    weights = root @ modes * (np.array([fp / root[0], 0.0]) @ modes)
    return lambda t: float(weights @ np.exp(rates * t))


PARAMETERS = [
    ("tofts", {"Ktrans": 0.25, "ve": 0.3}),
    ("extended_tofts", {"Ktrans": 0.1, "ve": 0.5, "vp": 0.07}),
    ("patlak", {"Ktrans": 0.05, "vp": 0.1}),
    ("2cum", {"Fp": 40.0, "PS": 6.0, "vp": 0.08}),
    ("2cum", {"Fp": 3.0, "PS": 20.0, "vp": 0.02}),
    ("2cxm", {"Fp": 40.0, "PS": 6.0, "vp": 0.08, "ve": 0.3}),
    ("2cxm", {"Fp": 5.0, "PS": 50.0, "vp": 0.01, "ve": 0.6}),
    ("2cxm", {"Fp": 150.0, "PS": 1.0, "vp": 0.2, "ve": 0.05}),
]


@pytest.mark.parametrize(("name", "parameters"), PARAMETERS)
@pytest.mark.parametrize("delay_s", [0.0, -3.3, 8.1])
def test_curve_is_the_convolution_integral(name, parameters, delay_s):
    time_s = np.array([0.0, 15.3, 34.0, 47.0, 90.0, 199.0])
    found = curve(name, parameters | {"delay_s": delay_s}, time_s, VALUES_MM, aif_time_s=NODES_S)
    response = impulse_response(name, parameters)
    for t, value in zip(time_s - delay_s, found, strict=True):
        pieces = [*NODES_S[t > NODES_S], t] if t > 0 else [t, t]
        exact = sum(
            quad(
                lambda u, t=t: np.interp(u, NODES_S, VALUES_MM) * response((t - u) / 60) / 60,
                a,
                b,
                epsabs=1e-12,
                epsrel=1e-12,
            )[0]
            for a, b in pairwise(pieces)
        )
        if name in ("extended_tofts", "patlak"):
            exact += parameters["vp"] * np.interp(t, NODES_S, VALUES_MM, left=0.0)
        assert value == pytest.approx(exact, abs=1e-8)


def test_infinite_flow_reduces_exchange_to_extended_tofts_and_uptake_to_patlak():
    exchange = {"PS": 12.0, "vp": 0.06, "ve": 0.35}
    tofts = at("extended_tofts", {"Ktrans": 0.12, "vp": 0.06, "ve": 0.35})
    np.testing.assert_allclose(at("2cxm", exchange | {"Fp": math.inf}), tofts, atol=1e-12)
    np.testing.assert_allclose(at("2cxm", exchange | {"Fp": 1e8}), tofts, atol=1e-4)
    uptake = {"PS": 12.0, "vp": 0.06}
    patlak = at("patlak", {"Ktrans": 0.12, "vp": 0.06})
    np.testing.assert_allclose(at("2cum", uptake | {"Fp": math.inf}), patlak, atol=1e-12)
    np.testing.assert_allclose(at("2cum", uptake | {"Fp": 1e8}), patlak, atol=1e-4)


def test_no_plasma_volume_reduces_exchange_to_tofts():
    tofts = at("tofts", {"Ktrans": 0.5 * 0.2 / 0.7, "ve": 0.3})
    for vp, tolerance in ((0.0, 1e-12), (1e-7, 1e-5)):
        np.testing.assert_allclose(
            at("2cxm", {"Fp": 50.0, "PS": 20.0, "vp": vp, "ve": 0.3}), tofts, atol=tolerance, err_msg=f"vp {vp}"
        )


def test_no_plasma_volume_reduces_uptake_to_a_constant_influx():
    influx = at("patlak", {"Ktrans": 0.5 * 0.2 / 0.7, "vp": 0.0})
    for vp, tolerance in ((0.0, 1e-12), (1e-7, 1e-5)):
        np.testing.assert_allclose(at("2cum", {"Fp": 50.0, "PS": 20.0, "vp": vp}), influx, atol=tolerance)


@pytest.mark.parametrize("ve", [0.3, 0.0, math.nan])
def test_without_permeability_only_the_plasma_fills(ve):
    plasma = at("tofts", {"Ktrans": 0.5, "ve": 0.08})
    np.testing.assert_allclose(at("2cxm", {"Fp": 50.0, "PS": 0.0, "vp": 0.08, "ve": ve}), plasma, atol=1e-12)
    np.testing.assert_allclose(at("2cum", {"Fp": 50.0, "PS": 0.0, "vp": 0.08}), plasma, atol=1e-12)
    np.testing.assert_allclose(at("2cxm", {"Fp": 50.0, "PS": 1e-7, "vp": 0.08, "ve": 0.3}), plasma, atol=1e-6)


def test_a_boundless_interstitium_reduces_exchange_to_uptake():
    parameters = {"Fp": 50.0, "PS": 10.0, "vp": 0.08}
    np.testing.assert_allclose(at("2cxm", parameters | {"ve": 1e6}), at("2cum", parameters), atol=1e-5)


def test_no_flow_brings_nothing():
    for name in ("2cum", "2cxm"):
        assert not at(name, {"Fp": 0.0, "PS": 10.0, "vp": 0.1, "ve": 0.3}).any()


@settings(deadline=None, max_examples=40)
@given(
    fp=st.floats(0.1, 1000.0),
    ps=st.floats(1e-6, 500.0),
    vp=st.floats(1e-4, 0.5),
    ve=st.floats(1e-4, 0.5),
)
def test_exchange_lies_below_its_plasma_supply_and_keeps_the_agent(fp, ps, vp, ve):
    found = at("2cxm", {"Fp": fp, "PS": ps, "vp": vp, "ve": ve})
    supplied = at("patlak", {"Ktrans": fp / 100, "vp": 0.0})
    assert (found >= -1e-12).all()
    assert (found <= supplied + 1e-9).all()
    # Nothing but agent retained: never above what uptake without return would hold.
    assert (found <= at("2cum", {"Fp": fp, "PS": ps, "vp": vp}) + 1e-9).all()


@settings(deadline=None, max_examples=40)
@given(
    rate=st.floats(1e-6, 100.0),
    scale=st.floats(0.1, 10.0),
    cut=st.integers(1, 598),
)
def test_convolution_has_the_symmetries_of_the_integral(rate, scale, cut):
    minutes, time = AIF_TIME_S / 60, TIME_S / 60
    whole = convolve_exponential(minutes, AIF_MM, rate, time)
    np.testing.assert_allclose(
        convolve_exponential(minutes, scale * AIF_MM, rate, time), scale * whole, rtol=1e-12, atol=1e-14
    )
    # Seconds or minutes: the integral scales with the unit of time.
    np.testing.assert_allclose(
        convolve_exponential(AIF_TIME_S, AIF_MM, rate / 60, TIME_S) / 60, whole, rtol=1e-9, atol=1e-13
    )
    # A sample more on the line between two samples changes nothing.
    between = 0.3 * minutes[cut] + 0.7 * minutes[cut + 1]
    finer = np.insert(minutes, cut + 1, between)
    values = np.interp(finer, minutes, AIF_MM)
    np.testing.assert_allclose(convolve_exponential(finer, values, rate, time), whole, rtol=1e-11, atol=1e-14)
    # y' = c - k y, so that k times the area below y, and y at the end, are what came in.
    fine = np.union1d(minutes, np.linspace(0, minutes[-1], 3001))
    y = convolve_exponential(minutes, AIF_MM, rate, fine)
    came = np.trapezoid(np.interp(fine, minutes, AIF_MM), fine)
    assert y[-1] + rate * np.trapezoid(y, fine) == pytest.approx(came, rel=1e-3)
