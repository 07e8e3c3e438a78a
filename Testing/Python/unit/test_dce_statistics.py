"""Statistics of every map over the tumour: against numbers known beforehand, with every voxel accounted for."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import write_csv
from HER2ImmunoCommonLib.geometry import TimeSeries
from QuantDCELib import DceSettings, DynamicImages, Status, analyse
from QuantDCELib.analysis import RegionStatistics, statistics_from_cells, statistics_to_cells
from QuantDCELib.analysis.statistics import NO_VALUE, interval, number, region_statistics
from QuantDCELib.dicom.time_axis import TimeAxis
from QuantDCELib.voxels.status import WORDS

SHAPE = (2, 5, 11)
REGION = np.ones(SHAPE, bool)
REGION[0, 0] = False
UNITS = {"Ktrans": "1/min", "ve": "1", "PE": "%", "status": "", "FTV": "", "model": ""}


def ladder():
    """Ktrans of 0, 1, 2 ... 98 in the region, everything else far off."""
    values = np.full(SHAPE, -1e6, np.float32)
    values[REGION] = np.arange(REGION.sum())
    return values


def found(status=None, **maps):
    status = np.zeros(SHAPE, np.uint8) if status is None else status
    return region_statistics({**maps, "status": status}, UNITS, REGION, voxel_volume_cm3=0.01)


def test_the_numbers_of_a_ladder_are_those_of_the_book():
    (ktrans,) = found(Ktrans=ladder()).maps
    values, n = ktrans.values, 99
    assert (values.n, values.n_valid, ktrans.n_failed, ktrans.n_at_bound) == (n, n, 0, 0)
    assert (values.median, values.mean, values.minimum, values.maximum) == (49.0, 49.0, 0.0, 98.0)
    assert values.sd == pytest.approx(np.sqrt((n**2 - 1) / 12 * n / (n - 1)))
    expected = {name: 98.0 * share for name, share in (("p5", 0.05), ("p10", 0.1), ("p25", 0.25), ("p75", 0.75))}
    expected |= {"p90": 98.0 * 0.9, "p95": 98.0 * 0.95, "iqr": 49.0}
    assert {name: getattr(values, name) for name in expected} == pytest.approx(expected)
    assert (ktrans.unit, ktrans.volume_cm3) == ("1/min", pytest.approx(0.99))


def test_every_voxel_is_accounted_for():
    status, ktrans, ve = np.zeros(SHAPE, np.uint8), ladder(), ladder()
    status[1, 0, :4], status[1, 1, :3], status[1, 2, :2] = Status.NO_SIGNAL, Status.AT_BOUND, Status.NO_UPTAKE
    status[1, 3, 0] = Status.ABOVE_CEILING
    status[0, 0] = Status.NO_T1  # outside the region
    ve[1, 2, :2], ve[1, 4, 0] = np.nan, np.nan
    told = found(status, Ktrans=ktrans, ve=ve, PE=ladder())
    assert told.of("Ktrans").failures == {WORDS[Status.NO_SIGNAL]: 4, WORDS[Status.ABOVE_CEILING]: 1}
    reasons = {WORDS[Status.NO_SIGNAL]: 4, WORDS[Status.NO_UPTAKE]: 2, WORDS[Status.ABOVE_CEILING]: 1, NO_VALUE: 1}
    assert told.of("ve").failures == reasons
    assert (told.of("Ktrans").n_at_bound, told.of("ve").n_at_bound, told.of("PE").n_at_bound) == (3, 3, None)
    for each in told.maps:
        assert each.values.n == 99
        assert each.n_failed == sum(each.failures.values())
    classes = {entry.label: entry.n for entry in told.classes}
    assert classes["no signal"] == 4
    assert sum(classes.values()) == 99
    valid = ktrans[REGION & (status <= Status.NO_UPTAKE)]
    assert told.of("Ktrans").values.median == np.median(valid)


def test_a_map_that_failed_everywhere_has_no_numbers():
    status = np.full(SHAPE, Status.NO_T1, np.uint8)
    (ktrans,) = found(status, Ktrans=np.full(SHAPE, np.nan, np.float32)).maps
    assert np.isnan([ktrans.values.median, ktrans.values.mean, ktrans.values.p95]).all()
    assert ktrans.failures == {WORDS[Status.NO_T1]: 99}
    header, lines = statistics_to_cells(RegionStatistics((ktrans,)))
    cells = dict(zip(header, lines[0], strict=True))
    assert (cells["median"], cells["n"], cells["n_valid"]) == ("", "99", "0")


def test_label_maps_are_counted_with_their_volume():
    bins, models = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    bins[1, :2], bins[0, 0], models[1] = 2, 2, 1  # row 0 of slice 0 is outside
    told = region_statistics(
        {"status": np.zeros(SHAPE, np.uint8), "FTV": bins, "model": models},
        UNITS,
        REGION,
        voxel_volume_cm3=0.01,
        candidates=("tofts", "patlak"),
        ser_bins=(0.0, 0.9),
    )
    counted = {(entry.name, entry.label): entry.n for entry in told.classes}
    assert told.maps == ()
    assert counted["FTV", "SER 0 to 0.9"] == 0
    assert counted["FTV", "SER above 0.9"] == 22
    assert counted["model", "Tofts"] == 55
    assert {round(entry.volume_cm3, 9) for entry in told.classes if entry.n == 22} == {0.22}


def test_a_region_on_another_grid_is_refused():
    with pytest.raises((InputError, IndexError)):
        region_statistics({"status": np.zeros(SHAPE)}, UNITS, REGION[:1], voxel_volume_cm3=1.0)
    with pytest.raises(InputError, match="empty"):
        region_statistics(
            {"status": np.zeros(SHAPE), "PE": ladder()}, UNITS, np.zeros(SHAPE, bool), voxel_volume_cm3=1.0
        )


@pytest.fixture(scope="module")
def result():
    """Enhancement of several heights, voxels without signal, and a whole volume beside the tumour."""
    time_s = 6.0 * np.arange(60)
    heights = np.linspace(0.3, 1.4, 60).reshape(3, 4, 5)
    rise = heights[..., None] * np.clip((time_s - 30.0) / 40.0, 0, 1)
    signal = 100.0 * (1.0 + rise) + np.random.default_rng(3).normal(0, 0.5, rise.shape)
    signal[2, 0, :2] = 0.0
    series = TimeSeries(signal.astype(np.float32), np.diag([2.0, 2.0, 3.0, 1.0]), time_s)
    images = DynamicImages(series, TimeAxis(time_s, "given"), 0.005, 20.0, 1.5, {})
    tumour = np.zeros((3, 4, 5), bool)
    tumour[1:, :3] = True
    settings = DceSettings(model="best", t10_s=1.4, arrival_s=30.0, baseline=(0, 5), whole_volume=True)
    return tumour, analyse(images, settings, tumour_mask=tumour)


def test_the_medians_are_those_of_the_measurement_table(result):
    tumour, analysed = result
    told, values = analysed.statistics, analysed.measurements
    columns = {"Ktrans": "ktrans_median_per_min", "ve": "ve_median", "IAUGC60": "iaugc60_median_mM_s"}
    columns |= {"PE": "pe_median_percent", "SER": "ser_median"}
    for name, column in columns.items():
        assert told.of(name).values.median == pytest.approx(values[column], rel=1e-6), name  # of float32
    assert told.of("Ktrans").values.n == tumour.sum() == analysed.counts["n"]
    assert told.of("Ktrans").n_failed == analysed.counts["n_failed"] == 2
    assert {each.name for each in told.maps} == set(analysed.maps) - {"status", "FTV", "model"}
    volume = sum(entry.volume_cm3 for entry in told.classes if entry.name == "FTV")
    assert volume == pytest.approx(values["ftv_cm3"])


def test_the_table_gives_them_back_exactly(result, tmp_path):
    _tumour, analysed = result
    header, lines = statistics_to_cells(analysed.statistics)
    again = statistics_from_cells(header, lines)
    assert statistics_to_cells(again) == (header, lines)
    assert again.of("Ktrans") == analysed.statistics.of("Ktrans")
    assert again.classes == analysed.statistics.classes
    write_csv(header, lines, tmp_path / "statistics.csv")
    text = (tmp_path / "statistics.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0].startswith("map,class,unit,n,n_valid,n_failed,n_at_bound,volume_cm3,median,")
    assert "nan" not in text
    assert len(text.splitlines()) == len(lines) + 1


@pytest.mark.parametrize(
    ("value", "text"), [(0.03456, "0.0346"), (1234.6, "1235"), (999.4, "999"), (-0.5, "-0.5"), (np.nan, "–")]
)
def test_numbers_are_written_for_people(value, text):
    assert number(value) == text


def test_an_interval_without_values_is_a_dash():
    assert (interval(1.0, 2.5), interval(np.nan, np.nan)) == ("1 to 2.5", "–")
