"""Numbers in another unit, inputs that cannot be, regions that are swapped: converted and told, asked, or refused."""

from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume
from QuantDCELib import Aif, DceSettings, DynamicImages, VfaImages, analyse, population_aif, read_aif_csv, spgr_signal
from QuantDCELib.dicom.time_axis import TimeAxis
from QuantDCELib.kinetics.models import curve

TIME_S = np.arange(0.0, 300.0, 3.0)
FINE_S = np.arange(31.0, 300, 0.25)
PLASMA = population_aif("parker", FINE_S, arrival_s=31.0)
KTRANS, T10_S, BLOOD_S = 0.2, 1.2, 1.44
TISSUE = curve("tofts", {"Ktrans": KTRANS, "kep": KTRANS / 0.3}, TIME_S, PLASMA, aif_time_s=FINE_S)
BLOOD = np.interp(TIME_S, FINE_S, 0.58 * PLASMA, left=0.0)
PLACE = np.diag([-2.0, -2.0, 3.0, 1.0])


def mask(rows):
    found = np.zeros((1, 6, 5), bool)
    found[:, rows] = True
    return found


TUMOUR, ARTERY, REST = mask(slice(0, 2)), mask(slice(2, 4)), mask(slice(4, 6))


def dynamic(**changes):
    signal = np.empty((1, 6, 5, TIME_S.size), np.float32)
    for region, t1_s, agent in ((TUMOUR, T10_S, TISSUE), (ARTERY, BLOOD_S, BLOOD), (REST, T10_S, 0 * TISSUE)):
        signal[region] = spgr_signal(1 / t1_s + 4.5 * agent, tr_s=0.005, flip_deg=20.0, m0=4000)
    known = DynamicImages(TimeSeries(signal, PLACE, TIME_S), TimeAxis(TIME_S, "given"), 0.005, 20.0, 1.5, {})
    return replace(known, **changes)


def settings(**changes):
    return DceSettings(**({"model": "tofts", "aif": "roi", "t10_s": T10_S, "semi_quantitative": False} | changes))


def run(changes=None, images=None, **inputs):
    regions = {"tumour_mask": TUMOUR, "aif_mask": ARTERY}
    return analyse(images or dynamic(), settings(**(changes or {})), **(regions | inputs))


def ktrans(result):
    return result.measurements["ktrans_median_per_min"]


def told(result, words):
    return any(words in line for line in result.warnings)


def test_the_right_numbers_need_no_word():
    result = run({"t10_blood_s": BLOOD_S})
    assert ktrans(result) == pytest.approx(KTRANS, rel=0.05)
    assert result.warnings == ()


@pytest.mark.parametrize(
    ("changes", "unit"),
    [
        ({"t10_s": 1200.0}, "T1 of the tissue was taken to be ms: 1200 ms = 1.2 s"),
        ({"t10_blood_s": 1440.0}, "T1 of blood was taken to be ms"),
        ({"tr_s": 5.0}, "TR was taken to be ms: 5 ms = 0.005 s"),
        ({"flip_deg": 0.349}, "flip angle was taken to be radians"),
        ({"hematocrit": 42.0}, "haematocrit was taken to be percent: 42 percent = 0.42"),
        ({"r1_per_mM_s": 4500.0}, "relaxivity r1 was taken to be /M/s"),
        ({"r1_per_mM_s": 0.0045}, "relaxivity r1 was taken to be /mM/ms"),
    ],
)
def test_a_number_that_can_only_be_in_another_unit_is_converted_and_told(changes, unit):
    result = run(changes)
    assert ktrans(result) == pytest.approx(KTRANS, rel=0.05)
    assert told(result, unit)
    (name, value) = next(iter(changes.items()))
    assert result.provenance.settings[name] != value


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"t10_s": 20.0}, "t10_s"),
        ({"t10_s": 0.01}, "t10_s"),
        ({"t10_s": 2e6}, "t10_s"),
        ({"t10_blood_s": 30.0}, "t10_blood_s"),
        ({"tr_s": 0.9}, "tr_s"),
        ({"tr_s": 1e-5}, "tr_s"),
        ({"flip_deg": 1.4}, "flip_deg"),
        ({"flip_deg": 200.0}, "flip_deg"),
        ({"hematocrit": 4.2}, "hematocrit"),
        ({"hematocrit": 0.95}, "hematocrit"),
        ({"r1_per_mM_s": 100.0}, "r1_per_mM_s"),
        ({"aif": "parker", "dose_mmol_per_kg": 7.5}, "dose_mmol_per_kg"),
    ],
)
def test_a_number_that_cannot_be_in_any_unit_is_asked(changes, key):
    with pytest.raises(QuestionsError, match="check its unit") as asked:
        run(changes)
    assert [question.key for question in asked.value.questions] == [key]


def test_only_what_an_analysis_uses_is_asked():
    assert ktrans(run({"dose_mmol_per_kg": 7.5})) == pytest.approx(KTRANS, rel=0.05)
    assert ktrans(run({"r1_per_mM_s": 100.0, "agent": "gadobutrol"})) > 0
    enhanced = analyse(dynamic(), DceSettings(model="none", hematocrit=5.0), tumour_mask=TUMOUR)
    assert enhanced.measurements["pe_median_percent"] > 0


@pytest.mark.parametrize(("values", "key"), [({"tr_s": 0.9}, "tr_s"), ({"flip_deg": 0.5}, "flip_deg")])
def test_images_whose_sequence_cannot_be_are_asked_about(values, key):
    with pytest.raises(QuestionsError, match="In the images") as asked:
        run(images=dynamic(**values))
    assert asked.value.questions[0].key == key


def test_a_sequence_given_otherwise_than_the_images_say_is_told():
    assert told(run({"tr_s": 0.0065}), "TR was given as 0.0065 s but the images say 0.005 s")


T1 = np.where(ARTERY, BLOOD_S, T10_S)


@pytest.mark.parametrize(
    ("maps", "words"),
    [
        ({"t10": T1}, ""),
        ({"t10": 1000 * T1}, "the T1 map was taken as T1 in ms"),
        ({"t10": np.where(TUMOUR, T1, np.nan)}, ""),
        ({"t10": np.where(TUMOUR, 1000 * T1, np.inf)}, "in ms"),
        ({"b1": 100.0 * np.ones(TUMOUR.shape)}, "the B1 map was taken as B1 in percent"),
        ({"b1": np.where(REST, np.inf, 1.0)}, ""),
    ],
)
def test_maps_are_taken_in_their_unit_whatever_lies_outside(maps, words):
    result = run(t10=maps.get("t10"), b1=maps.get("b1"))
    assert ktrans(result) == pytest.approx(KTRANS, rel=0.05)
    if words:
        assert told(result, words)
    else:
        assert not told(result, " map ")


@pytest.mark.parametrize(
    ("maps", "words"),
    [
        ({"t10": 20.0 * T1}, "T1 map has a median of 24"),
        ({"t10": np.zeros(T1.shape)}, "T1 map has no value above 0"),
        ({"t10": np.full(T1.shape, np.nan)}, "T1 map has no value above 0"),
        ({"b1": np.full(T1.shape, 800.0)}, "B1 map has a median of 800"),
        ({"b1": np.where(ARTERY, np.nan, 1.0)}, "B1 map has no value in the artery"),
        ({"t10": Volume(T1, PLACE + np.pad(np.ones((3, 1)), ((0, 1), (3, 0))))}, "not on the grid"),
    ],
)
def test_maps_that_cannot_be_are_refused(maps, words):
    with pytest.raises(InputError, match=words):
        run(**maps)


def test_a_map_whose_origin_was_rounded_lies_on_the_grid():
    rounded = PLACE + np.pad(np.full((3, 1), 0.02), ((0, 1), (3, 0)))
    assert ktrans(run(t10=Volume(T1, rounded))) == pytest.approx(KTRANS, rel=0.05)


def test_flip_angles_for_t1_in_radians_are_refused():
    signal = np.ones((*TUMOUR.shape, 3), np.float32)
    with pytest.raises(InputError, match="flip angles in degrees"):
        run(vfa=VfaImages(signal, PLACE, np.array([0.03, 0.1, 0.3]), 0.005, {}))


def given(time_s=TIME_S, plasma=None):
    plasma = np.interp(TIME_S, FINE_S, PLASMA, left=0.0) if plasma is None else plasma
    return Aif(time_s, 0.58 * plasma, plasma, "file input.csv")


@pytest.mark.parametrize(("factor", "unit"), [(1 / 60, "minutes"), (1000.0, "milliseconds")])
def test_an_input_in_minutes_or_milliseconds_is_converted_and_told(factor, unit):
    result = run({"aif": "file"}, aif=given(TIME_S * factor))
    assert ktrans(result) == pytest.approx(KTRANS, rel=0.1)
    assert told(result, f"were taken as {unit}")


@pytest.mark.parametrize(
    ("aif", "words"),
    [
        (given(TIME_S[:60], given().plasma_mM[:60]), "ends at"),
        (given(TIME_S + 36000), "on the clock of the frames"),
        (given(plasma=1000 * given().plasma_mM), "cannot be.*mM, not in another unit"),
        (given(plasma=1e-4 * given().plasma_mM), "cannot be"),
    ],
)
def test_an_input_that_cannot_be_is_refused(aif, words):
    with pytest.raises(InputError, match=words):
        run({"aif": "file"}, aif=aif)


@pytest.mark.parametrize(
    ("aif", "words"),
    [
        (given(plasma=0.04 * given().plasma_mM), "which is too low"),
        (given(plasma=8.0 * given().plasma_mM), "which is too high"),
        (given(plasma=given().plasma_mM + 4.0), "and not a signal"),
        (given(TIME_S[14:] - 0.5, given().plasma_mM[14:]), "after the first frame"),
    ],
)
def test_a_doubtful_input_is_told(aif, words):
    aif = replace(
        aif,
        time_s=np.append(aif.time_s, 300.0),
        **{name: np.append(getattr(aif, name), getattr(aif, name)[-1]) for name in ("plasma_mM", "blood_mM")},
    )
    assert told(run({"aif": "file"}, aif=aif), words)


def test_a_haematocrit_in_percent_turns_blood_of_a_file_into_plasma(tmp_path):
    path = tmp_path / "aif.csv"
    path.write_text("time_s,blood_mM\n0,0\n1,1.2\n", encoding="utf-8")
    np.testing.assert_allclose(read_aif_csv(path, hematocrit=40).plasma_mM, [0, 2])
    with pytest.raises(QuestionsError, match="haematocrit"):
        read_aif_csv(path, hematocrit=5)


def test_artery_and_tumour_that_overlap_or_are_swapped_are_told():
    assert told(run(aif_mask=ARTERY | TUMOUR), "overlap: 10 voxels, 50 % of the artery")
    assert not told(run({"aif": "auto"}, aif_mask=ARTERY | TUMOUR), "overlap")  # it is only searched there
    swapped = run(tumour_mask=ARTERY, aif_mask=TUMOUR)
    assert told(swapped, "may be swapped")


def test_most_voxels_at_a_bound_and_a_ktrans_that_cannot_be_are_told():
    weak = given(plasma=0.03 * given().plasma_mM)
    result = run({"aif": "file"}, aif=weak)
    assert told(result, "10 of 10 fitted voxels (100 %) have a parameter at its bound")
    assert told(run(tumour_mask=ARTERY), "plasma flow")
    strong = run({"r1_per_mM_s": 60.0, "aif": "file"}, aif=given(plasma=18.0 * given().plasma_mM))
    assert told(strong, "although half of the region enhances by")


def test_why_voxels_have_no_value_is_told_by_share():
    images = dynamic()
    images.series.array[0, 0, :2] = 0
    images.series.array[0, 0, 2] = np.nan
    result = run(images=images)
    assert result.failures == {"no signal before the contrast agent": 2, "the data are not finite": 1}
    assert told(result, "3 of 10 voxels (30 %) have no value: no signal before the contrast agent 20 %")
    assert run().failures == {}


def test_numbers_without_a_mask_are_of_the_whole_field_of_view():
    result = run(tumour_mask=None)
    assert result.measured_in == "whole field of view"
    assert result.measurements["whole_field_of_view"] == 1.0
    assert "volume_cm3" not in result.measurements
    assert run().measured_in == "tumour"
    assert "whole_field_of_view" not in run().measurements


@pytest.mark.parametrize(
    ("at_bound", "words"),
    [
        (2, None),
        (3, "3 of 10 fitted voxels (30 %) have a parameter at its bound: model, arterial input or T1 do not fit"),
        (6, "and the medians are no measurement."),
    ],
)
def test_many_voxels_at_a_bound_are_a_warning(at_bound, words):
    from types import SimpleNamespace

    from QuantDCELib.analysis.sanity import fit_warnings
    from QuantDCELib.voxels.status import Status

    status = np.full(10, Status.OK)
    status[:at_bound] = Status.AT_BOUND
    found = fit_warnings(None, SimpleNamespace(given=None), None, status, None)
    assert (not found) if words is None else words in found[0]
    assert ("no measurement" in "".join(found)) == (at_bound > 5)


def test_what_makes_numbers_doubtful_is_told_apart_from_other_warnings():
    doubtful = run({"aif": "file"}, aif=given(plasma=0.03 * given().plasma_mM))
    assert doubtful.doubts
    assert set(doubtful.doubts) < set(doubtful.warnings)
    assert run().doubts == ()
