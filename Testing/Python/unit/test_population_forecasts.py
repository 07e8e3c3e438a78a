"""A new subject of a group, poolings side by side, the predictive check of a group, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.calibration import calibrate, read_calibration
from HER2ImmunoModelLib.calibration.hidden_visits import compared
from HER2ImmunoModelLib.findings.cohort_charts import forest_chart, predictive_chart
from HER2ImmunoModelLib.findings.cohorts import (
    effects_table,
    group_sentences,
    group_table,
    pooled_values_table,
    poolings_sentences,
    poolings_table,
    predictive_sentences,
    predictive_table,
    pulled_table,
)
from HER2ImmunoModelLib.population import calibrate_cohort, compare_poolings, forecast_new, visual_predictive_check
from synthetic_cohorts import cohort

GROUP = {"g": (0.12, 0.25), "K": (3.0, 0.2), "T0": (0.2, 0.3)}
FREE = ["g", "K", "T0"]
COURSES = 60_000


@pytest.fixture(scope="module")
def everyone():
    return cohort(18, GROUP, seed=6)


@pytest.fixture(scope="module")
def found(everyone):
    model, subjects, _ = everyone
    return calibrate_cohort(model, subjects[:10], free=FREE, courses=COURSES)


def test_a_group_sharpens_the_forecast_of_one_visit(everyone, found):
    model, subjects, _ = everyone
    rows = []
    for subject in subjects[10:]:
        first, last = subject.measurements[:1], subject.measurements[-1:]
        joined = forecast_new(found, first, schedule=subject.schedule, name=subject.name)
        alone = calibrate(model, first, schedule=subject.schedule, free=FREE)
        rows.append([compared(one, last)[0] for one in (joined, alone)])
    error, width = (
        np.array([[measure(row) for row in pair] for pair in rows])
        for measure in (lambda r: abs(np.log(r.median / r.measured)), lambda r: np.log(r.upper / r.lower))
    )
    assert error[:, 0].mean() < error[:, 1].mean()
    assert (width[:, 0] < 0.7 * width[:, 1]).all()
    assert sum(joined.inside for joined, _ in rows) >= 6


def test_a_new_subject_with_all_its_visits_is_as_if_it_had_been_in_the_cohort(everyone, found):
    model, subjects, _ = everyone
    eleven = calibrate_cohort(model, subjects[:11], free=FREE, courses=COURSES).subjects[subjects[10].name]
    joined = forecast_new(found, subjects[10].measurements, schedule=subjects[10].schedule)
    assert joined.method == "hierarchical"
    for name in FREE:
        width = np.log(eleven.estimates[name].upper / eleven.estimates[name].lower)
        assert abs(np.log(joined.estimates[name].value / eleven.estimates[name].value)) < 0.15 * width
        assert np.log(joined.estimates[name].upper / joined.estimates[name].lower) == pytest.approx(width, rel=0.25)


def test_a_new_subject_is_written_and_read(everyone, found, tmp_path):
    subject = everyone[1][12]
    joined = forecast_new(found, subject.measurements[:2], schedule=subject.schedule)
    joined.save(tmp_path / "calibration.json")
    again = read_calibration(tmp_path / "calibration.json")
    assert again.model.parameter("g").source == "group of 10 subjects"
    np.testing.assert_allclose(again.predict([24]).median["T"], joined.predict([24]).median["T"])


def test_a_new_subject_needs_what_the_group_was_told(everyone):
    model, subjects, _ = everyone
    told = [
        replace(s, measurements=tuple(replace(v, values={**v.values, "suv": 1.0 + i}) for v in s.measurements))
        for i, s in enumerate(subjects[:4])
    ]
    grouped = calibrate_cohort(model, told, free=FREE, courses=COURSES, covariates=["g~suv"])
    with pytest.raises(InputError, match="no number in the column 'suv'"):
        forecast_new(grouped, subjects[5].measurements[:1])
    table = effects_table(grouped)
    assert table[1][0][:2] == ("g", "suv")
    assert any(text.startswith("g by a standard deviation more suv") for text in group_sentences(grouped))


def test_a_new_subject_without_a_visit_is_refused(found):
    with pytest.raises(InputError, match="holds no number"):
        forecast_new(found, ())


def test_poolings_stand_side_by_side(everyone):
    model, subjects, _ = everyone
    poolings = compare_poolings(model, subjects[:6], hidden=2, free=FREE, courses=COURSES)
    assert list(poolings) == ["individual", "pooled", "hierarchical"]
    fitted, hidden = (
        {kind: next(row.quality for row in one.quality.overall if row.of == of) for kind, one in poolings.items()}
        for of in ("fitted", "hidden")
    )
    assert {one.n for one in fitted.values()} == {30}
    assert {one.n for one in hidden.values()} == {12}
    # A fit of each alone follows what it saw the most closely, one set of rates the least.
    assert fitted["individual"].rmse <= fitted["hierarchical"].rmse <= fitted["pooled"].rmse
    header, rows = poolings_table(poolings)
    assert len(rows) == 6
    assert header[:3] == ["pooling", "of", "column"]
    assert [row[0] for row in pooled_values_table(poolings)[1]] == ["g", "K"]
    assert next(reversed(list(poolings_sentences(poolings)))).startswith("Best forecast of what was hidden: ")


def test_cohorts_simulated_from_the_group_look_like_its_subjects(everyone, found):
    model, subjects, _ = everyone
    check = visual_predictive_check(found, tuple(subjects[:10]), replicates=150)
    column = check.columns["volume_cm3"]
    assert column.day.tolist() == [0, 4, 8, 12, 16, 20, 24]
    assert (column.n == 10).all()
    assert column.inside > 0.75
    assert (column.lower <= column.median).all()
    assert (np.diff(column.median, axis=0) > 0).all()
    assert check.failed == 0
    assert len(predictive_table(check)[1]) == 21
    assert "looks like its subjects" in next(predictive_sentences(check))
    chart = predictive_chart(column, model.states[0])
    assert chart.log_axes == "y"


def test_cohorts_of_another_group_do_not(everyone, found):
    _, subjects, _ = everyone
    slower = tuple(
        replace(
            s,
            measurements=tuple(
                replace(v, values={"volume_cm3": v.values["volume_cm3"] * np.exp(-0.05 * v.day)})
                for v in s.measurements
            ),
        )
        for s in subjects[:10]
    )
    check = visual_predictive_check(found, slower, replicates=100)
    assert check.columns["volume_cm3"].inside < 0.5
    assert "does NOT look like" in next(predictive_sentences(check))
    with pytest.raises(InputError, match="not those of the cohort"):
        visual_predictive_check(found, slower[:3])


def test_tables_and_the_forest_hold_every_subject(found):
    header, rows = group_table(found)
    assert [row[0] for row in rows] == ["g", "K"]
    assert len(header) == len(rows[0])
    assert len(pulled_table(found)[1]) == 20
    chart = forest_chart(found, "g")
    assert len(chart.y_names) == 10
    assert chart.log_axes == "x"
    assert "subjects differ by" in next(group_sentences(found))
