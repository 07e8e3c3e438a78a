"""The measurement table: exact round trips, and bad rows named."""

import math

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement, merge, ordered, read_csv, write_csv
from hypothesis import given
from hypothesis import strategies as st

finite = st.floats(min_value=0, max_value=1e12, allow_nan=False)
fraction = st.floats(min_value=0, max_value=1)


@given(
    st.lists(
        st.tuples(st.floats(-1e6, 1e6), finite, fraction, st.none() | finite),
        min_size=1,
        max_size=6,
        unique_by=lambda r: r[0],
    )
)
def test_every_number_survives_a_csv_file(tmp_path_factory, cells):
    rows = ordered(
        [
            Measurement(
                f'visit "{n}", ä',
                day,
                {"volume_cm3": volume, "hypoxic_fraction": hypoxic, "suv_peak": volume},
                {} if sd is None else {"volume_cm3": sd, "suv_peak": sd},
            )
            for n, (day, volume, hypoxic, sd) in enumerate(cells)
        ],
        "test",
    )
    path = tmp_path_factory.mktemp("table") / "measurements.csv"
    assert read_csv(write_csv(rows, path)) == rows


def test_missing_cells_stay_missing(tmp_path):
    rows = [Measurement("a", 0.0, {"volume_cm3": 1.0}), Measurement("b", 7.0, {"suv_mean": 2.5})]
    again = read_csv(write_csv(rows, tmp_path / "m.csv"))
    assert "suv_mean" not in again[0].values
    assert "volume_cm3" not in again[1].values


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["empty"]),
        ("visit,day\n", ["no visits"]),
        ("visit,volume_cm3\na,1\n", ["'day'", "missing"]),
        ("visit,day,volume_cm3\na,0,one\n", ["row 2", "'volume_cm3'", "'one'"]),
        ("visit,day,volume_cm3\na,0,-1\n", ["row 2", "'volume_cm3'", "negative"]),
        ("visit,day,hypoxic_fraction\na,0,.1\nb,7,35\n", ["row 3", "'hypoxic_fraction'", "0 to 1"]),
        ("visit,day,volume_cm3\na,0,inf\n", ["row 2", "number"]),
        ("visit,day,volume_cm3_sd\na,0,-2\n", ["row 2", "volume_cm3_sd"]),
        ("visit,day\na,0\na,7\n", ["'a'", "twice"]),
        ("visit,day\na,0\nb,0\n", ["'a'", "'b'", "day 0"]),
        ("visit,day,day\na,0,1\n", ["'day'", "twice"]),
        ("visit,day,volume_cm3\na,0\n", ["row 2", "2 cells"]),
        ("visit,day\n,0\n", ["row 2", "name"]),
        ("visit,day\na,\n", ["row 2", "'day'"]),
    ],
)
def test_a_bad_table_is_refused_with_its_place(tmp_path, text, words):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_csv(path)
    for word in ["bad.csv", *words]:
        assert word in str(caught.value)


def test_a_blank_line_does_not_shift_the_row_numbers(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("visit,day\na,0\n\nb,x\n")
    with pytest.raises(InputError, match="row 4"):
        read_csv(path)


def test_merging_adds_columns_to_a_known_visit_and_rows_for_a_new_one():
    rows = [Measurement("baseline", 0.0, {"volume_cm3": 2.0}, {"volume_cm3": 0.1})]
    rows = merge(rows, Measurement("baseline", 0.0, {"hypoxic_fraction": 0.2}))
    rows = merge(rows, Measurement("week 1", 7.0, {"volume_cm3": 1.5}))
    assert rows[0].values == {"volume_cm3": 2.0, "hypoxic_fraction": 0.2}
    assert rows[0].sd == {"volume_cm3": 0.1}
    assert [row.visit for row in rows] == ["baseline", "week 1"]


def test_a_value_measured_again_does_not_keep_the_old_sd():
    rows = merge(
        [Measurement("a", 0.0, {"volume_cm3": 2.0}, {"volume_cm3": 0.1})], Measurement("a", 0.0, {"volume_cm3": 3.0})
    )
    assert rows[0].sd == {}


def test_merging_a_visit_on_another_day_is_refused():
    with pytest.raises(InputError, match="day 0"):
        merge([Measurement("a", 0.0)], Measurement("a", 1.0))


def test_a_measurement_is_never_nan():
    with pytest.raises(InputError, match="leave a missing value empty"):
        Measurement("a", 0.0, {"volume_cm3": math.nan})
