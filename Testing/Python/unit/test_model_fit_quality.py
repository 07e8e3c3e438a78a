"""How well a fit is: against the formulas of other packages, for fitted and for hidden numbers, of few numbers too."""

import csv
import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.charts import can_draw, write_png
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import calibrate, calibrate_pooled, forecast_check, forecast_check_pooled, models, simulate
from HER2ImmunoModelLib.calibration import Subject, fit_quality
from HER2ImmunoModelLib.calibration.fit_quality import FITTED, HIDDEN, Told, fitted_numbers, quality_of
from HER2ImmunoModelLib.findings import numbers_table, quality_charts, quality_sentences, quality_table
from HER2ImmunoStudyLib.cli import main
from scipy import stats

GROWTH = models.get("two_drug_exponential_growth", "mouse")
DAYS = np.array([0.0, 3.0, 6.0, 9.0, 12.0])
FAST = {"prior_draws": 64}


def growing(name, start, rate, rng):
    seen = start * np.exp(rate * DAYS + 0.08 * rng.standard_normal(DAYS.size))
    visits = [
        Measurement(f"v{d:g}", d, {"volume_cm3": v}, {"volume_cm3": 0.1 * v}) for d, v in zip(DAYS, seen, strict=True)
    ]
    return Subject(name, tuple(visits))


@pytest.fixture(scope="module")
def mice():
    rng = np.random.default_rng(4)
    return [growing("a", 0.1, 0.12, rng), growing("b", 0.3, 0.12, rng), growing("c", 0.4, 0.1, rng)]


@pytest.fixture(scope="module")
def pooled(mice):
    return calibrate_pooled(GROWTH, mice, **FAST)


@pytest.fixture(scope="module")
def found(mice, pooled):
    return fit_quality(pooled.subjects, forecast_check_pooled(GROWTH, mice, hidden=1, **FAST))


def told(measured, said, **other):
    row = {"subject": "", "visit": "", "day": 0.0, "column": "volume_cm3", "of": FITTED, "lower": 0.0, "upper": 1.0}
    return [Told(**row | other, measured=m, said=s, log_likelihood=-1.0) for m, s in zip(measured, said, strict=True)]


def test_the_measures_are_those_of_other_formulas():
    rng = np.random.default_rng(0)
    for _ in range(20):
        x = rng.uniform(0.1, 2.0, 12)
        y = 0.2 + rng.uniform(0.5, 1.5) * x + 0.2 * rng.standard_normal(12)
        quality = quality_of(told(x, y))
        # Lin's coefficient as the correlation times how far scale and place agree.
        v, u = y.std() / x.std(), (y.mean() - x.mean()) / np.sqrt(y.std() * x.std())
        assert quality.ccc == pytest.approx(stats.pearsonr(x, y).statistic * 2 / (v + 1 / v + u**2))
        assert quality.r2 == pytest.approx(1 - np.mean((y - x) ** 2) / np.var(x))
        assert quality.rmse == pytest.approx(np.linalg.norm(y - x) / np.sqrt(12))
        assert quality.nrmse == pytest.approx(quality.rmse / (x.max() - x.min()))
    line = stats.linregress(x, y)
    told_by_line = quality_of(told(y, line.intercept + line.slope * x))
    assert told_by_line.r2 == pytest.approx(line.rvalue**2)  # of a line by least squares R2 is the squared correlation


def test_a_fit_worse_than_the_mean_is_below_zero():
    assert quality_of(told([1.0, 2.0, 3.0], [3.0, 2.0, 1.0])).r2 == pytest.approx(-3.0)
    assert quality_of(told([1.0, 2.0, 3.0], [3.0, 2.0, 1.0])).ccc == pytest.approx(-1.0)
    perfect = quality_of(told([1.0, 2.0], [1.0, 2.0]))
    assert (perfect.ccc, perfect.r2, perfect.rmse, perfect.nrmse) == (1.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize("values", [([1.0], [1.2]), ([1.0, 1.0, 1.0], [1.0, 1.1, 1.2]), ([2.0, 2.0], [2.0, 2.0])])
def test_few_or_equal_numbers_have_no_correlation(values):
    quality = quality_of(told(*values))
    assert all(np.isnan(value) for value in (quality.ccc, quality.r2, quality.nrmse))
    assert quality.rmse == pytest.approx(np.sqrt(np.mean(np.subtract(*values) ** 2)))


def test_the_likelihood_is_of_the_numbers_and_that_of_the_bic(mice, pooled, found):
    course = simulate(GROWTH, pooled.subjects["b"].best, DAYS).states["T"][0]
    expected = [
        stats.lognorm.logpdf(visit.values["volume_cm3"], np.sqrt(np.log1p(0.1**2)), scale=volume)
        for visit, volume in zip(mice[1].measurements, course, strict=True)
    ]
    rows = [told for told in found.numbers if (told.of, told.subject) == (FITTED, "b")]
    np.testing.assert_allclose([told.log_likelihood for told in rows], expected, rtol=1e-4)
    np.testing.assert_allclose([told.said for told in rows], course, rtol=1e-5)
    whole = next(row.quality for row in found.overall if row.of == FITTED)
    price = pooled.effective_parameters * np.log(pooled.n_data)
    assert pooled.bic == pytest.approx(-2 * whole.log_likelihood + price)


@pytest.mark.parametrize("settings", [{"noise": "additive"}, {"noise": "proportional", "heavy_tails": True}])
def test_the_likelihood_is_that_of_the_bic_under_any_noise(mice, settings):
    pooled = calibrate_pooled(GROWTH, mice, **settings, **FAST)
    (whole,) = fit_quality(pooled.subjects).overall
    price = pooled.effective_parameters * np.log(pooled.n_data)
    assert pooled.bic == pytest.approx(-2 * whole.quality.log_likelihood + price, abs=1e-3)


def test_rows_of_all_and_of_each(found):
    assert [(row.of, row.quality.n) for row in found.overall] == [(FITTED, 15), (HIDDEN, 3)]
    each = [row.quality for row in found.rows if row.subject and row.of == FITTED]
    assert [quality.n for quality in each] == [5, 5, 5]
    assert sum(quality.log_likelihood for quality in each) == pytest.approx(found.overall[0].quality.log_likelihood)
    alone = [row.quality for row in found.rows if row.subject and row.of == HIDDEN]
    assert all(quality.n == 1 and np.isnan(quality.ccc) for quality in alone)


def test_hidden_numbers_have_the_density_of_the_forecast(mice):
    visits = mice[0].measurements
    check = forecast_check(GROWTH, visits, hidden=1, draws=400, **FAST)
    fitted = calibrate(GROWTH, visits[:-1], **FAST)
    last = visits[-1]
    drawn = fitted.simulate([last.day], n=400).states["T"][:, 0]
    density = stats.lognorm.pdf(last.values["volume_cm3"], np.sqrt(np.log1p(0.1**2)), scale=drawn).mean()
    assert check.rows[0].log_density == pytest.approx(np.log(density), rel=1e-3)
    (row,) = [row for row in fit_quality({"a": fitted}, check).overall if row.of == HIDDEN]
    assert row.quality.log_likelihood == check.rows[0].log_density


def test_fractions_and_volumes_are_told_apart():
    day, model = np.array([0.0, 5.0, 10.0]), models.get("tivnh", "mouse")
    course = simulate(model, {}, day).states
    columns = {state: column for state, column in model.observables.items() if state in ("T", "V")}
    visits = [
        Measurement(f"v{i}", d, {column: float(course[state][0, i]) for state, column in columns.items()})
        for i, d in enumerate(day)
    ]
    quality = fit_quality({"one": calibrate(model, visits, **FAST)})
    assert [row.column for row in quality.rows] == ["volume_cm3", "vascular_fraction"]
    assert all(row.quality.ccc > 0.9 for row in quality.rows)
    assert [chart.x_label for chart in quality_charts(quality, model).values()] == ["Measured (cm³)", "Measured"]
    assert [told.visit for told in fitted_numbers(calibrate(model, visits[:1], **FAST))] == ["v0", "v0"]


def test_one_visit_is_said_with_a_dash(tmp_path):
    one = fit_quality({"a": calibrate(GROWTH, [Measurement("v", 0.0, {"volume_cm3": 0.3})], **FAST)})
    first, reason = quality_sentences(one)
    assert first.startswith("Fitted volume_cm3, 1 number: CCC -, R² -, RMSE ")
    assert "(-), log likelihood" in first
    assert reason.startswith("-: one number")
    header, rows = quality_table(one)
    assert dict(zip(header, rows[0], strict=True))["ccc"] == ""
    (chart,) = quality_charts(one, GROWTH).values()
    assert chart.x_range[0] < 0.3 < chart.x_range[1]
    if can_draw():
        assert write_png(chart, tmp_path / "one.png").stat().st_size > 1000


def test_the_chart_is_logarithmic_where_sizes_differ_by_much(found):
    (chart,) = quality_charts(found, GROWTH).values()
    assert chart.log_axes == ""
    assert [item.label.split(":")[0] for item in chart.items] == ["as measured", "fitted (15)", "hidden, forecast (3)"]
    large = [Told(**vars(row) | {"measured": 100 * row.measured, "said": 100 * row.said}) for row in found.numbers[:5]]
    (chart,) = quality_charts(type(found)((*found.numbers, *large), found.rows), GROWTH).values()
    assert chart.log_axes == "xy"
    assert chart.items[0].x[0] == pytest.approx(chart.x_range[0])
    header, rows = numbers_table(found)
    assert len(rows) == 18
    assert rows[0][header.index("lower_90")] == ""
    assert rows[-1][header.index("lower_90")] > 0


def test_the_command_writes_table_json_text_and_picture(mice, tmp_path, capsys):
    lines = [f"{s.name},{v.day:g},{float(v.values['volume_cm3'])!r}" for s in mice for v in s.measurements]
    (tmp_path / "m.csv").write_text("\n".join(["animal,day,volume_cm3", *lines]))
    asked = ["--model", GROWTH.name, "--species", "mouse", "--prior-draws", "64", "--draws", "5", "--hide", "2"]
    out = ["--out", str(tmp_path / "out"), "--json", str(tmp_path / "s.json")]
    assert main(["calibrate", str(tmp_path / "m.csv"), *asked, *out]) == 0
    summary = json.loads((tmp_path / "s.json").read_text())
    rows = summary["fit_quality"]["rows"]
    assert [(row["of"], row["subject"], row["quality"]["n"]) for row in rows][:3] == [
        ("fitted", "", 15),
        ("hidden", "", 6),
        ("fitted", "a", 5),
    ]
    assert len(summary["fit_quality"]["numbers"]) == 21
    with (tmp_path / "out" / "fit_quality.csv").open() as stream:
        written = list(csv.DictReader(stream))
    assert [float(row["ccc"]) for row in written] == pytest.approx([row["quality"]["ccc"] for row in rows])
    said = capsys.readouterr().out
    assert "Fitted volume_cm3, 15 numbers: CCC 0.9" in said
    assert "Hidden volume_cm3, 6 numbers: CCC " in said
    assert (tmp_path / "out" / "fitted.csv.json").exists()
    assert (tmp_path / "out" / "fit_volume_cm3.png").exists() == can_draw()
