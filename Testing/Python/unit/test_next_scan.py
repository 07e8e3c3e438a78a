"""Which scan next: against closed forms, against nested Monte Carlo with fresh draws, and what is refused."""

from dataclasses import replace
from math import log1p, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoModelLib import Dose, Model, Parameter, Schedule, State, calibrate, next_scan
from HER2ImmunoModelLib.calibration.scatter import Estimate, Scatter
from HER2ImmunoModelLib.models import Drug
from HER2ImmunoModelLib.planning import Objective, scans_of
from HER2ImmunoModelLib.planning.scan_weights import GROUPS, Pool

LINE = (-np.inf, np.inf)
CV_SD = sqrt(log1p(0.15**2))
DECAY = 0.5
VISITS = (Measurement("V1", 0.0, {"volume_cm3": 0.2}), Measurement("V2", 4.0, {"volume_cm3": 0.25}))


def _rhs(y, p, amount, out):
    """Growth faster where there is hypoxia, which stays: log T is linear in log T0, H0 (times a day), g and k."""
    np.multiply(p["g"] + 0.2 * y[1] - p["k"] * amount["drug"], y[0], out=out[0])
    out[1] = 0.0


LINEAR = Model(
    name="linear",
    title="Linear in the logarithm",
    states=(State("T", "cm3", "Tumour volume", (0.0, np.inf)), State("H", "", "Hypoxic fraction")),
    parameters=(
        Parameter("g", "1/day", 0.0, LINE, 0.03, "assumed", "Growth"),
        Parameter("k", "1/day", 0.02, LINE, 0.05, "assumed", "Kill"),
        Parameter("lam", "1/day", DECAY, (0.0, np.inf), 0.0, "assumed", "Loss"),
        Parameter("T0", "cm3", 0.2, (0.0, np.inf), 1.0, "assumed", "Start"),
        Parameter("H0", "", 0.4, LINE, 0.08, "assumed", "Hypoxia"),
    ),
    drugs=(Drug("drug", "Drug", "cytotoxic", "lam"),),
    observables={"T": "volume_cm3", "H": "hypoxic_fraction"},
    rhs=_rhs,
    initial={"T": "T0", "H": "H0"},
    reference="none",
)
LOG_VOLUME = Objective(
    "log_volume", "Logarithm of the volume", "", lambda day, v: np.log(v[..., -1]), is_of_the_end=True
)


def _slope(day, doses=()):
    """Derivative of log T on a day to g, k, log T0 and H0."""
    taken = sum((1 - np.exp(-DECAY * (day - at))) / DECAY for at in doses if day > at)
    return np.array([day, -taken, 1.0, 0.2 * day])


@pytest.fixture(scope="module")
def linear():
    """A subject whose posterior is normal, dosed on day 1."""
    return calibrate(LINEAR, VISITS, schedule=Schedule((Dose("drug", 1.0, 1.0),)), prior_draws=64)


def _removed(calibration, horizon, measured):
    """Share of the variance of log T on the horizon that measurements (slope, sd) remove, in closed form."""
    covariance, target = calibration.covariance, _slope(horizon, (1.0,))
    known = np.linalg.inv(covariance)
    for slope, sd in measured:
        known = known + np.outer(slope, slope) / sd**2
    return 1.0 - (target @ np.linalg.inv(known) @ target) / (target @ covariance @ target)


def test_the_gain_of_a_number_is_that_of_the_closed_form(linear):
    found = next_scan(linear, days=[6, 12, 24], horizon_day=30, quantities=["volume", "pet", "volume+pet"], draws=2000)
    hypoxia = (np.array([0.0, 0.0, 0.0, 1.0]), 0.05)
    for row in found.rows:
        measured = [(_slope(row.day, (1.0,)), CV_SD)] if "volume_cm3" in row.scan.columns else []
        measured += [hypoxia] if "hypoxic_fraction" in row.scan.columns else []
        truth = _removed(linear, 30, measured)
        assert row.gain == pytest.approx(truth, abs=max(3 * row.error, 0.005)), (row.day, row.scan.name)
        assert 0 < row.error < 0.05
    assert found.best.day == 24
    assert "volume_cm3" in found.best.scan.columns
    assert not found.is_choice
    assert found.draws == found.distinct == 2000


def test_the_error_is_the_spread_over_seeds(linear):
    asked = {"days": [8.0], "horizon_day": 30, "quantities": ["volume"], "draws": 400}
    rows = [next_scan(linear, seed=seed, **asked).best for seed in range(24)]
    spread = np.std([row.gain for row in rows])
    assert np.mean([row.error for row in rows]) == pytest.approx(spread, rel=0.5)
    truth = _removed(linear, 30, [(_slope(8, (1.0,)), CV_SD)])
    assert np.mean([row.gain for row in rows]) == pytest.approx(truth, abs=3 * spread / sqrt(24))


def test_the_width_to_expect_is_that_of_the_normal_distribution(linear):
    found = next_scan(linear, objective=LOG_VOLUME, days=[10], horizon_day=20, quantities=["volume"], draws=4000)
    left = 1 - _removed(linear, 20, [(_slope(10, (1.0,)), CV_SD)])
    target = _slope(20, (1.0,))
    before = 2 * 1.6449 * sqrt(target @ linear.covariance @ target)
    assert found.before == pytest.approx(before, rel=0.05)
    assert found.best.after == pytest.approx(before * sqrt(left), rel=0.08)
    assert found.interval[1] - found.interval[0] == pytest.approx(found.before)


def test_the_value_of_a_choice_is_that_of_the_closed_form(linear):
    """To treat again or not: the value of information on the sign of a normal number (Raiffa and Schlaifer 1961)."""
    plans = [Schedule((), "none"), Schedule((Dose("drug", 12.0, 1.0),), "again")]
    found = next_scan(linear, plans, LOG_VOLUME, days=[6, 12], horizon_day=30, quantities=["volume"], draws=4000)
    unit = (1 - np.exp(-DECAY * 18)) / DECAY
    mean, sd = linear.mode[1] * unit, sqrt(linear.covariance[1, 1]) * unit

    def worth(spread):
        u = abs(mean) / spread
        return spread * (NormalDist().pdf(u) - u * (1 - NormalDist().cdf(u)))

    assert found.is_choice
    assert found.schedules == ("none", "again")
    assert found.perfect == pytest.approx(worth(sd), rel=0.15)
    for row in found.rows:
        slope = _slope(row.day, (1.0,))
        kill = linear.covariance @ slope
        learnt = unit * abs(kill[1]) / sqrt(slope @ kill + CV_SD**2)
        assert row.worth == pytest.approx(worth(learnt), abs=3 * row.worth_error + 1e-5)
        assert row.after >= found.before - 0.02


@pytest.fixture(scope="module")
def tumour():
    """A treated tumour seen twice, by all examinations."""
    visits = [
        Measurement("V1", 0.0, {"volume_cm3": 0.2, "vascular_fraction": 0.12, "hypoxic_fraction": 0.18}),
        Measurement("V2", 5.0, {"volume_cm3": 0.27, "vascular_fraction": 0.15, "hypoxic_fraction": 0.2}),
    ]
    return calibrate("tivnh_treated", visits, species="mouse", prior_draws=256)


def _followed(course):
    """States of the draws that could be simulated; a few of a wide prior explode."""
    return {name: values[~course.failed] for name, values in course.states.items()}


def test_the_gain_is_that_of_nested_monte_carlo_with_fresh_draws(tumour):
    found = next_scan(tumour, days=[12.0], horizon_day=30, quantities=["volume", "mri"], draws=1500)
    truths = _followed(tumour.simulate([12.0, 30.0], n=300))
    many = _followed(replace(tumour, seed=99).simulate([12.0, 30.0], n=20_000))
    rng, n = np.random.default_rng(5), len(truths["T"])
    answer, sds = np.log(many["T"][:, 1]), {"T": CV_SD, "V": 0.05, "N": 0.05}
    for row, states in zip(found.rows, ("T", "TVN"), strict=True):
        left = []
        for i in range(n):
            misfit = np.zeros(answer.size)
            for state in states:
                scale = np.log if state == "T" else np.asarray
                measured = scale(truths[state][i, 0]) + sds[state] * rng.standard_normal()
                misfit += np.square((measured - scale(many[state][:, 0])) / sds[state])
            weight = np.exp(0.5 * (misfit.min() - misfit))
            weight /= weight.sum()
            left.append(weight @ np.square(answer - weight @ answer))
        nested, error = 1 - np.mean(left) / answer.var(), np.std(left) / sqrt(n) / answer.var()
        assert row.gain == pytest.approx(nested, abs=3 * np.hypot(row.error, error)), row.scan.name


def _log_density(kind, heavy, measured, volume):
    """Of measured volumes (m, 1) about true ones (n,), written out from the textbook."""
    from scipy import stats

    if kind == "lognormal":
        return stats.norm.logpdf(np.log(measured), np.log(volume), sqrt(log1p(0.3**2 + 0.005**2)))
    sd = {"additive": 0.1 + 0 * volume, "proportional": 0.3 * volume, "combined": np.hypot(0.1, 0.3 * volume)}[kind]
    return (stats.t(4) if heavy else stats.norm).logpdf((measured - volume) / sd) - np.log(sd)


@pytest.mark.parametrize(
    ("kind", "heavy"),
    [("lognormal", False), ("additive", False), ("proportional", False), ("combined", False), ("combined", True)],
)
def test_the_gain_follows_the_noise_of_the_calibration(linear, kind, heavy):
    names = {"additive": ("noise_sd_cm3",), "combined": ("noise_sd_cm3", "noise_share")}.get(kind, ("noise_share",))
    values = {name: Estimate({"noise_sd_cm3": 0.1, "noise_share": 0.3}[name], 0.05, 0.5, 0.5, "data") for name in names}
    scattered = replace(linear, scatter=Scatter(kind, heavy, values, 0.2))
    found = next_scan(scattered, days=[12.0], horizon_day=24, quantities=["volume"], draws=1500)
    rng = np.random.default_rng(3)
    points = rng.multivariate_normal(linear.mode, linear.covariance, 8000)
    volume, answer = (np.exp(points @ _slope(day, (1.0,))) for day in (12, 24))
    answer, left = np.log(answer), []
    for truth in volume[:400]:
        deviation = rng.standard_t(4) if heavy else rng.standard_normal()
        sd = {"additive": 0.1, "proportional": 0.3 * truth}.get(kind, np.hypot(0.1, 0.3 * truth))
        spread = sqrt(log1p(0.3**2 + 0.005**2))
        measured = truth * np.exp(spread * deviation) if kind == "lognormal" else truth + sd * deviation
        log_weight = _log_density(kind, heavy, measured, volume)
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        left.append(weight @ np.square(answer - weight @ answer))
    nested, error = 1 - np.mean(left) / answer.var(), np.std(left) / 20 / answer.var()
    assert found.best.gain == pytest.approx(nested, abs=3 * np.hypot(found.best.error, error))
    assert found.noise_kind == kind


def test_a_draw_that_comes_twice_does_not_give_its_truth_away(linear):
    rng = np.random.default_rng(0)
    points = rng.multivariate_normal(linear.mode, linear.covariance, 700)
    once, thrice = (replace(linear, samples=np.repeat(points, times, axis=0)) for times in (1, 3))
    asked = {"days": [8.0], "horizon_day": 30, "quantities": ["volume"]}
    single, repeated_ = next_scan(once, draws=700, **asked), next_scan(thrice, draws=2100, **asked)
    assert repeated_.distinct == 700
    assert repeated_.draws == 2100
    gap = repeated_.best.gain - single.best.gain
    assert abs(gap) < 3 * np.hypot(single.best.error, repeated_.best.error)
    more = next_scan(once, draws=5000, **asked)
    assert more.draws == 700
    assert any("700 draws" in text for text in more.warnings)


def test_few_draws_near_a_precise_scan_are_not_too_hopeful(linear):
    """Where a handful of draws agree with a scan, their spread alone, or with the truth's, would be too small."""
    precise = [
        Measurement(v.visit, v.day, {**v.values, "hypoxic_fraction": 0.4}, {"hypoxic_fraction": 0.002}) for v in VISITS
    ]
    sharp = replace(linear, measurements=tuple(precise))
    asked = {"days": [8.0], "horizon_day": 30, "quantities": ["pet"], "draws": 150}
    rows = [next_scan(sharp, seed=seed, **asked).best for seed in range(40)]
    gains = np.array([row.gain for row in rows])
    truth = _removed(linear, 30, [(np.array([0.0, 0.0, 0.0, 1.0]), 0.002)])
    assert np.mean([row.effective for row in rows]) < 6
    assert gains.mean() == pytest.approx(truth, abs=3 * gains.std() / sqrt(40))


def test_a_scan_that_is_too_precise_for_the_draws_is_told(linear):
    exact = [replace(visit, sd={"volume_cm3": 1e-4 * visit.values["volume_cm3"]}) for visit in VISITS]
    found = next_scan(replace(linear, measurements=tuple(exact)), days=[20], horizon_day=30, draws=200)
    assert not found.best.is_trusted
    assert found.best.effective < 10
    assert any("fewer than 10 draws" in text for text in found.warnings)


def test_days_fill_the_time_until_the_answer(linear):
    days = np.unique([row.day for row in next_scan(linear, horizon_day=44, draws=100).rows])
    assert days.tolist() == list(np.arange(6.0, 44.0, 2.0))
    until = next_scan(linear, horizon_day=44, until_day=20, draws=100, quantities=["volume"])
    assert [row.day for row in until.rows] == [*range(5, 21)]
    plans = [Schedule((), "none"), Schedule((Dose("drug", 9.0, 1.0),), "treated")]
    choice = next_scan(linear, plans, horizon_day=44, draws=100)
    assert sorted({row.day for row in choice.rows}) == [5, 6, 7, 8, 9]
    now = next_scan(linear, [plans[0], Schedule((Dose("drug", 4.0, 1.0),), "now")], horizon_day=44, draws=100)
    assert {row.day for row in now.rows} == {4.0}


def test_the_noise_of_a_scan_is_that_of_the_visits(linear):
    noisy = [replace(visit, sd={"volume_cm3": 0.4 * visit.values["volume_cm3"]}) for visit in VISITS]
    found = next_scan(replace(linear, measurements=tuple(noisy)), days=[8], horizon_day=30, draws=100)
    assert found.noise["volume_cm3"] == pytest.approx(sqrt(log1p(0.16)))
    assert found.noise["hypoxic_fraction"] == 0.05


def test_examinations_are_bundles_of_one_visit(tumour):
    names = {scan.name: scan.columns for scan in scans_of(tumour.model)}
    assert names["mri"] == ("volume_cm3", "vascular_fraction", "necrotic_fraction")
    assert names["pet"] == ("hypoxic_fraction",)
    assert set(names["mri+pet"]) == {*names["mri"], *names["pet"]}
    assert scans_of(tumour.model, ["pet+mri"])[0].name == "mri+pet"
    assert [scan.name for scan in scans_of(LINEAR)] == ["volume", "pet"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"days": [3.0]}, "not after the last visit"),
        ({"days": [60.0]}, "not before the day judged"),
        ({"days": []}, "0 days"),
        ({"until_day": 4.0}, "choose a later last day"),
        ({"quantities": ["mri"]}, "no vascular fraction"),
        ({"quantities": ["ultrasound"]}, "no examination 'ultrasound'"),
        ({"horizon_day": 4.0}, "must be after the start"),
        ({"draws": 20}, "draws is 20"),
        ({"candidates": [Schedule((), "a"), Schedule((), "b")]}, "all the same"),
        ({"candidates": [Schedule((), "a"), Schedule((Dose("drug", 9, 1),), "b")], "days": [11]}, "too late for the"),
    ],
)
def test_what_cannot_be_asked_is_refused(linear, asked, sentence):
    with pytest.raises(InputError, match=sentence):
        next_scan(linear, **{"horizon_day": 40.0, "draws": 100, **asked})


def test_schedules_that_come_to_the_same_leave_nothing_to_gain(linear):
    plans = [Schedule((), "none"), Schedule((Dose("drug", 9.0, 0.0),), "of nothing")]
    found = next_scan(linear, plans, horizon_day=30, draws=100)
    assert found.perfect == 0
    assert {row.gain for row in found.rows} == {0.0}
    assert found.before == pytest.approx(0.5), "ties are shared"
    assert found.proposed in found.rows


def test_an_answer_that_is_known_leaves_nothing_to_gain(linear):
    known = Objective("known", "The same of all", "", lambda _day, volume: np.ones(volume.shape[:-1]))
    found = next_scan(linear, (), known, days=[9.0], horizon_day=30, draws=100)
    assert found.best.gain == found.before == 0


def test_it_can_be_cancelled(linear):
    def stop(fraction, text):
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        next_scan(linear, horizon_day=30, draws=100, report=stop)


def test_groups_hold_every_draw_once():
    pool = Pool(np.full(43, 1 / 43))
    grouped = pool.grouped(np.arange(1.0, 44.0)[None])
    assert grouped.shape == (GROUPS, 1, 3)
    assert sorted(grouped[grouped > 0]) == list(range(1, 44))
    assert [set(np.flatnonzero(pool.group == g) + 1.0) for g in range(3)] == [
        set(grouped[g, 0][grouped[g, 0] > 0]) for g in range(3)
    ]
