"""Concentrations against exact answers and against fine integration by scipy; limits and batches."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.drugs import uptake
from HER2ImmunoModelLib.drugs.compartments import Infusions, modes
from HER2ImmunoModelLib.drugs.exposures import course_of
from HER2ImmunoModelLib.drugs.individuals import population
from HER2ImmunoModelLib.drugs.kinetics import Compartment, Kinetics, Saturation
from HER2ImmunoModelLib.drugs.library import find_drug
from scipy.integrate import solve_ivp

TRASTUZUMAB = find_drug("trastuzumab").sets[0].kinetics
DOSES = [(0.0, 544.0), (21.0, 408.0), (42.0, 408.0)]


def followed(k: Kinetics, given: Infusions, day):
    """Concentration and area of one patient by LSODA, from the equations as `Kinetics` states them."""
    factor = 1.0 if k.molar_mass is None else 1000.0 / k.molar_mass

    def change(_, y, inflow):
        def rate(saturation, at):
            return 0.0 if saturation is None else saturation.most * at / (saturation.half + at)

        at, others, stored = y[0], y[1:-2], y[-2]
        exchanged = [other.exchange * (at - there) for other, there in zip(k.others, others, strict=True)]
        back = k.back * stored if k.store_volume is None else rate(k.uptake, stored)
        taken = rate(k.uptake, at) - back
        flow = inflow - k.clearance * at - rate(k.elimination, at) - taken - sum(exchanged)
        into = [amount / other.volume for amount, other in zip(exchanged, k.others, strict=True)]
        return [flow / k.volume, *into, taken / (k.store_volume or 1.0), at]

    y = np.zeros(3 + len(k.others))
    found = {}
    ends = given.day + given.hours / 24
    for start, stop in pairwise(sorted({*given.day.tolist(), *ends.tolist(), *day, max(day) + 1})):
        y[0] += factor * given.mg[(given.day == start) & (given.hours == 0)].sum() / k.volume
        found[start] = y[0], y[-1]
        running = (given.day <= start) & (ends > start)
        inflow = factor * (given.mg[running] / given.hours[running]).sum() * 24
        y = solve_ivp(change, (start, stop), y, "LSODA", rtol=1e-11, atol=1e-13, args=(inflow,)).y[:, -1].copy()
    return np.array([found[each] for each in day]).T


def test_one_compartment_is_the_exponential():
    day = np.array([-1.0, 0.0, 1.0, 5.0])
    found = course_of(Kinetics(0.5, 4.0), Infusions([0], [100], [0.0]), day).concentration[0]
    np.testing.assert_allclose(found, np.where(day < 0, 0, 25 * np.exp(-0.125 * day)), rtol=1e-13)
    during = course_of(Kinetics(0.5, 4.0), Infusions([0], [100], [24.0]), [0.5, 1.0]).concentration[0]
    np.testing.assert_allclose(during, 200 * (1 - np.exp(-0.125 * np.array([0.5, 1.0]))), rtol=1e-12)


@pytest.mark.parametrize("hours", [0.0, 1.0, 30.0])
@pytest.mark.parametrize("name", ["pertuzumab", "docetaxel", "epirubicin", "cyclophosphamide"])
def test_linear_kinetics_agree_with_fine_integration(name, hours):
    kinetics = find_drug(name).sets[0].kinetics
    given, day = Infusions([0, 3.0], [100.0, 60.0], hours), [0.02, 0.5, 1.25, 2.0, 3.0, 3.04, 4.0, 7.0]
    course = course_of(kinetics, given, day)
    concentration, area = followed(kinetics, given, day)
    np.testing.assert_allclose(course.concentration[0], concentration, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(course.area[0], area, rtol=1e-7)


def test_all_of_a_linear_drug_is_cleared():
    for name in ("pertuzumab", "epirubicin"):
        kinetics = find_drug(name).sets[0].kinetics
        course = course_of(kinetics, Infusions([0], [100], [1.0]), [2000.0])
        assert course.area[0, 0] == pytest.approx(100 / kinetics.clearance, rel=1e-9)
        assert modes(kinetics).share.sum() == pytest.approx(1 / kinetics.volume)


@pytest.mark.parametrize("set_name", ["ebc", "q19", "hannah"])
def test_steps_of_half_a_day_keep_the_error_under_3_in_a_million(set_name):
    kinetics = find_drug("trastuzumab").set_named(set_name).kinetics
    day = np.arange(0, 84.5, 0.5)
    given = Infusions(*zip(*DOSES, strict=True), 0.0)
    truth, area = followed(kinetics, given, day.tolist())
    found = course_of(kinetics, given, day)
    np.testing.assert_allclose(found.concentration[0], truth, rtol=3e-6)
    np.testing.assert_allclose(found.area[0], area, rtol=3e-6)


def test_infusions_of_trastuzumab_between_the_steps():
    given, day = Infusions([0.3, 7.45], [544.0, 408.0], [1.5, 0.5]), [0.3, 0.33, 0.3625, 1.0, 7.4, 7.46, 8.0, 30.0]
    concentration, area = followed(TRASTUZUMAB, given, day)
    course = course_of(TRASTUZUMAB, given, day)
    np.testing.assert_allclose(course.concentration[0], concentration, rtol=3e-6, atol=1e-9)
    np.testing.assert_allclose(course.area[0], area, rtol=3e-6, atol=1e-9)


@pytest.mark.parametrize(("name", "mg", "hours"), [("paclitaxel", 315, 3), ("nab-paclitaxel", 468, 0.5)])
def test_taxanes_agree_with_fine_integration(name, mg, hours):
    kinetics = find_drug(name).sets[0].kinetics
    given = Infusions([0, 7.0], [mg, mg], hours)
    day = [hours / 48, hours / 24, 0.1, 0.2, 0.5, 1.0, 2.0, 7.0, 7.1, 9.0, 14.0]
    concentration, area = followed(kinetics, given, day)
    course = course_of(kinetics, given, day)
    np.testing.assert_allclose(course.concentration[0], concentration, rtol=2e-3, atol=1e-5)
    np.testing.assert_allclose(course.area[0], area, rtol=1e-4)


@pytest.mark.parametrize(("name", "mg", "hours"), [("paclitaxel", 315, 3), ("nab-paclitaxel", 468, 0.5)])
def test_steps_of_half_the_length_have_an_eighth_of_the_error(name, mg, hours, monkeypatch):
    kinetics = find_drug(name).sets[0].kinetics
    given, day = Infusions([0], [mg], hours), [14.0]
    _, (truth,) = followed(kinetics, given, day)
    errors = []
    for length in (1.0, 0.5):
        monkeypatch.setattr(uptake, "FIRST_STEP_DAY", length * 0.002 / 24)
        monkeypatch.setattr(uptake, "GROWTH", 1 + length * 0.08)
        errors.append(abs(course_of(kinetics, given, day).area[0, 0] - truth))
    assert errors[1] < errors[0] / 5


def test_a_slow_infusion_of_a_drug_that_hardly_leaves():
    # Nearly nothing is cleared: half of the dose time is spent at half of the dose.
    course = course_of(Kinetics(1e-6, 2.0), Infusions([0], [10.0], [24.0]), [1.0])
    assert course.concentration[0, 0] == pytest.approx(5.0)
    assert course.area[0, 0] == pytest.approx(2.5)


def test_without_saturation_the_stepper_is_exact():
    vanishing = replace(TRASTUZUMAB, elimination=Saturation(1e-12, 8.92))
    day = np.arange(0, 60, 0.5)
    found = course_of(vanishing, Infusions([0, 21], [544, 408], [1.5, 0.5]), day)
    exact = course_of(replace(TRASTUZUMAB, elimination=None), Infusions([0, 21], [544, 408], [1.5, 0.5]), day)
    np.testing.assert_allclose(found.concentration, exact.concentration, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.area, exact.area, rtol=1e-5, atol=1e-9)


def one_of(kinetics: Kinetics, patient: int) -> Kinetics:
    """The kinetics of one patient of a batch."""

    def cut(part):
        numbers = {name: value[patient] for name, value in vars(part).items() if isinstance(value, np.ndarray)}
        return replace(part, **numbers)

    limit = kinetics.elimination and cut(kinetics.elimination)
    return replace(cut(kinetics), others=tuple(map(cut, kinetics.others)), elimination=limit)


def test_a_batch_has_the_numbers_of_each_patient():
    for name, hours in (("trastuzumab", 1.5), ("pertuzumab", 1.0), ("paclitaxel", 3.0)):
        drawn = population(find_drug(name), 5, seed=3, weight_cv_percent=20)
        mg, day = np.linspace(100, 500, 5)[:, None] * [1, 0.7], [0.2, 1.0, 9.5, 30.0]
        together = course_of(drawn.kinetics, Infusions([0, 7.0], mg, hours), day)
        for patient in range(5):
            alone = course_of(one_of(drawn.kinetics, patient), Infusions([0, 7.0], mg[patient], hours), day)
            np.testing.assert_allclose(together.concentration[patient], alone.concentration[0], rtol=1e-6)


def test_doses_that_cannot_be_are_said():
    with pytest.raises(InputError, match="mg and hours"):
        Infusions([0], [-1.0], [0.0])
    with pytest.raises(InputError, match="one dose a day"):
        Infusions([0, 1], [1.0], [0.0])


def test_more_compartments_than_any_drug_has():
    others = (Compartment(0.5, 2.0), Compartment(0.1, 8.0), Compartment(3.0, 1.0), Compartment(0.02, 20.0))
    kinetics = Kinetics(0.3, 3.0, others)
    given, day = Infusions([0], [100], [2.0]), [0.1, 1.0, 5.0, 20.0]
    concentration, _ = followed(kinetics, given, day)
    np.testing.assert_allclose(course_of(kinetics, given, day).concentration[0], concentration, rtol=1e-7)
