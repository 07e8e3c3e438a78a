"""Virtual trials: the published arms, what may be fitted on them, simulated arms, predictions and what is said."""

import dataclasses
import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoModelLib import simulate
from HER2ImmunoModelLib.findings import trials as said
from HER2ImmunoModelLib.trials import (
    ARMS,
    CLEARED,
    COMPARISONS,
    DEFINITIONS,
    NEVER_FITTED,
    Comparison,
    FittedResponse,
    Prediction,
    Response,
    SimulatedArm,
    VirtualTrials,
    assumptions,
    draw_population,
    find_arm,
    fit_response,
    run_virtual_trials,
    simulate_arm,
    virtual_calibration,
    virtual_prediction,
)
from HER2ImmunoModelLib.trials.arms import check_fitted
from HER2ImmunoModelLib.trials.virtual_model import schedule_of, virtual_model
from HER2ImmunoModelLib.trials.virtual_population import HR_SHIFT
from HER2ImmunoModelLib.trials.virtual_prediction import predicted
from HER2ImmunoModelLib.trials.virtual_trial import ArmResult, difference
from HER2ImmunoStudyLib.cli import main
from HER2ImmunoStudyLib.cli import trials as command

THP, TH = find_arm("NeoSphere", "THP"), find_arm("NeoSphere", "TH")


@pytest.fixture(scope="module")
def patients():
    return draw_population(40, seed=2)


@pytest.mark.parametrize(
    ("trial", "name", "pcr", "patients"),
    [
        ("NeoSphere", "THP", 39.3, 107),
        ("IMpassion050", "atezolizumab", 100 * 141 / 226, 226),
        ("IMpassion050", "placebo", 100 * 143 / 228, 228),
        ("DESTINY-Breast11", "T-DXd-THP", 100 * 216 / 321, 321),
        ("DESTINY-Breast11", "ddAC-THP", 100 * 180 / 320, 320),
        ("DESTINY-Breast11", "T-DXd x8", 100 * 123 / 286, 286),
        ("KRISTINE", "T-DM1 + P", 44.4, 223),
    ],
)
def test_arms_hold_what_was_published(trial, name, pcr, patients):
    arm = find_arm(trial, name)
    assert arm.pcr_percent == pytest.approx(pcr, abs=0.06)
    assert arm.patients == patients


def test_every_arm_says_its_definition_source_and_use():
    assert len({arm.label for arm in ARMS}) == len(ARMS)
    assert all(arm.source and arm.definition in DEFINITIONS for arm in ARMS)
    assert {arm.definition.name for arm in ARMS if arm.trial == "TRYPHAENA"} == {"ypT0 ypN0"}
    assert {arm.hr_basis.mark for arm in ARMS if arm.trial == "DESTINY-Breast11"} == {"paper"}
    assert {arm.use for arm in ARMS if not arm.regimen} == {"plausibility"}
    with pytest.raises(InputError, match="choose one of"):
        find_arm("NeoSphere", "TCHP")


def test_impassion050_and_aptneo_are_never_fitted():
    assert NEVER_FITTED == ("IMpassion050", "APTneo")
    arms = [arm for arm in ARMS if arm.trial in NEVER_FITTED]
    assert len(arms) == 5
    for arm in arms:
        assert arm.use == "predict"
        with pytest.raises(InputError, match="to calibrate only"):
            check_fitted(arm)
        with pytest.raises(InputError, match="never to be fitted"):
            dataclasses.replace(arm, use="calibrate")


def test_a_fit_simulates_no_other_arms_than_those_to_calibrate(patients, monkeypatch):
    """Recorded from the code itself, so that an arm that slips into a fit is caught."""
    fitted = set()

    def recorded(arm, response, population, cleared_cm3):
        fitted.add(arm.label)
        assert arm.use == "calibrate"
        return stub(arm, response, cleared_cm3)

    monkeypatch.setattr(virtual_calibration, "simulate_arm", recorded)
    fit = fit_response(patients, 1e-3)
    assert fitted == {arm.label for arm in ARMS if arm.use == "calibrate"}
    assert all(misfit.is_met for misfit in fit.misfits)


def stub(arm, response, cleared_cm3):
    """A stand-in with one answer to each number: every fitted arm depends on its own one most."""
    weights = response.weights
    rise = {
        "NeoSphere TH": np.log(response.kill_per_day) + 0.1 * response.spread,
        "NeoSphere THP": np.log(response.kill_per_day) + response.spread,
        "NeoSphere HP": np.log(response.stopped_share / (1 - response.stopped_share)),
        "NeoSphere TP": np.log(weights["pertuzumab"]) + 0.2 * np.log(response.kill_per_day),
        "DESTINY-Breast11 T-DXd x8": np.log(weights["t-dxd"]),
        "KRISTINE T-DM1 + P": np.log(weights["t-dm1"]),
    }.get(arm.label, 0.0)
    chance = np.full(4, 1.0 / (1.0 + np.exp(-float(rise))))
    return ArmResult(arm, chance, 5.0, 91.0)


def test_what_cannot_be_met_is_told_and_not_tuned_away(patients, monkeypatch):
    def never(arm, response, population, cleared_cm3):
        return ArmResult(arm, np.full(4, 0.9), 5.0, 91.0)

    monkeypatch.setattr(virtual_calibration, "simulate_arm", never)
    fit = fit_response(patients, 1e-3)
    assert not any(misfit.is_met for misfit in fit.misfits)
    assert [misfit.simulated for misfit in fit.misfits] == pytest.approx([90.0] * 6)


def test_doses_of_an_arm_are_those_of_its_regimen():
    doses = schedule_of(THP).doses
    trastuzumab = [(dose.day, dose.dose) for dose in doses if dose.drug == "trastuzumab"]
    assert trastuzumab == [(0.0, pytest.approx(8 / 6)), *((21.0 * i, pytest.approx(1.0)) for i in (1, 2, 3))]
    assert [dose.dose for dose in doses if dose.drug == "pertuzumab"] == pytest.approx([2, 1, 1, 1])
    assert [dose.dose for dose in doses if dose.drug == "cytotoxic"] == pytest.approx([1] * 4)
    every = [schedule_of(arm) for arm in ARMS if arm.regimen]
    assert all(schedule.for_model(virtual_model()).doses for schedule in every)


def test_a_conjugate_acts_as_antibody_and_as_chemotherapy(patients):
    arm = find_arm("DESTINY-Breast11", "T-DXd x8")
    none, much = (
        simulate_arm(arm, Response(weights={"pertuzumab": 1.0, "t-dm1": 1.0, "t-dxd": weight}), patients)
        for weight in (0.0, 5.0)
    )
    assert much.pcr_percent > none.pcr_percent + 10
    idle = Response(kill_per_day=1e-6, weights={"pertuzumab": 1.0, "t-dm1": 0.0, "t-dxd": 0.0})
    untreated = simulate(virtual_model(), patients.parameters(arm, idle), [0.0, none.surgery_day])
    assert none.log_reduction > np.median(np.log(patients.start_cm3 / untreated.states["T"][:, -1]))


def test_an_arm_is_the_plain_simulation_of_its_subjects(patients):
    response = Response(kill_per_day=0.4)
    result = simulate_arm(TH, response, patients)
    assert result.surgery_day == 63 + 28
    course = simulate(
        virtual_model(), patients.parameters(TH, response), [0.0, 30.0, 91.0], schedule=schedule_of(TH), tolerance=1e-6
    )
    left = course.states["T"][:, -1]
    np.testing.assert_allclose(result.chance, np.exp(-left / 1e-3), atol=1e-3)
    assert result.log_reduction == pytest.approx(np.median(np.log(patients.start_cm3 / left)), abs=0.02)


def test_pcr_is_a_step_where_the_volume_that_counts_as_cleared_is_tiny_or_huge(patients):
    assert simulate_arm(TH, Response(), patients, cleared_cm3=1e9).pcr_percent == pytest.approx(100.0, abs=0.01)
    rates = [simulate_arm(TH, Response(), patients, cleared_cm3=cleared).pcr_percent for cleared in sorted(CLEARED)]
    assert rates == sorted(rates)
    with pytest.raises(InputError, match="cleared"):
        simulate_arm(TH, Response(), patients, cleared_cm3=0.0)


def test_hormone_receptors_lower_the_response(patients):
    negative, positive = (
        simulate_arm(dataclasses.replace(THP, hr_share=share), Response(), patients) for share in (0.0, 1.0)
    )
    assert HR_SHIFT < 0
    assert positive.pcr_percent < negative.pcr_percent


def test_patients_differ_as_it_is_said():
    drawn = draw_population(20000, seed=1)
    assert np.median(drawn.start_cm3) == pytest.approx(14.0, rel=0.03)
    assert np.log(drawn.start_cm3).std() == pytest.approx(0.8, rel=0.03)
    assert np.log(drawn.kinetics["CL_trastuzumab"]).std() == pytest.approx(np.sqrt(np.log(1 + 0.22**2)), rel=0.03)
    values = drawn.parameters(find_arm("DESTINY-Breast11", "ddAC-THP"), Response())
    shifted = np.log(values["k_P"]) - 0.5 * drawn.kill
    assert np.mean(shifted < shifted.max() - 0.1) == pytest.approx(0.73, abs=0.02)


def test_arms_without_doses_are_not_simulated(patients):
    with pytest.raises(InputError, match="PHERGain"):
        simulate_arm(find_arm("PHERGain", "TCHP"), Response(), patients)


def test_arms_of_different_definitions_or_trials_are_not_compared(patients):
    other = dataclasses.replace(THP, definition=DEFINITIONS[1])
    with pytest.raises(InputError, match="cannot be compared"):
        Comparison(TH, other)
    with pytest.raises(InputError, match="two trials"):
        Comparison(TH, find_arm("KRISTINE", "TCHP"))
    with pytest.raises(InputError, match="cannot be compared"):
        difference(ArmResult(TH, np.ones(3), 1.0, 91.0), ArmResult(other, np.ones(3), 1.0, 91.0))


@pytest.mark.parametrize(
    ("label", "published", "half"),
    [
        ("DESTINY-Breast11: T-DXd-THP against ddAC-THP", 11.2, 7.5),
        ("TRAIN-2: no anthracycline against FEC first", 1.0, 8.8),
        ("IMpassion050: atezolizumab against placebo", -0.3, 8.9),
        ("APTneo: HPCT + atezolizumab against HPCT", 1.6, 9.3),
        ("APTneo: AC + atezolizumab, HPCT against HPCT", 9.9, 9.2),
        ("KRISTINE: T-DM1 + P against TCHP", -11.3, 9.3),
    ],
)
def test_published_differences_have_the_half_widths_of_the_specification(label, published, half):
    (comparison,) = [each for each in COMPARISONS if each.label == label]
    assert comparison.published == pytest.approx(published, abs=0.05)
    free = dataclasses.replace(comparison, interval=None)
    low, high = free.published_interval
    assert (high - low) / 2 == pytest.approx(half, abs=0.1)
    assert comparison.needs_sign == (abs(published) > half)


def made(comparison, difference, spread=1.0):
    return Prediction(comparison, difference, difference - spread, difference + spread, (9.0, 8.0), (50.0, 40.0))


def test_a_prediction_passes_if_it_is_close_and_has_the_sign():
    impassion, *_ = COMPARISONS
    assert [made(impassion, value).passes for value in (-3.2, 2.6, 2.8)] == [True, True, False]
    kristine = COMPARISONS[-1]
    assert made(kristine, -4.0).passes
    wide = dataclasses.replace(kristine, within=20.0)
    assert made(wide, 1.0).is_close
    assert not made(wide, 1.0).passes


def test_the_band_of_a_prediction_spans_the_volumes_that_count_as_cleared():
    comparison = COMPARISONS[4]
    results = [
        {
            comparison.first.label: ArmResult(comparison.first, np.full(5, high), 9.0, 203.0),
            comparison.second.label: ArmResult(comparison.second, np.full(5, low), 8.0, 203.0),
        }
        for high, low in ((0.6, 0.5), (0.8, 0.5), (0.5, 0.5))
    ]
    found = predicted(comparison, results)
    assert (found.difference, found.lower, found.upper) == pytest.approx((10.0, 0.0, 30.0))


@pytest.fixture
def virtual():
    """Virtual trials with one failed prediction and one fitted arm that was not met."""
    predictions = tuple(made(each, each.aim + (20.0 if n == 0 else 0.0)) for n, each in enumerate(COMPARISONS))
    misfits = (virtual_calibration.Misfit(THP, 39.3, 30.0),)
    fits = tuple(FittedResponse(Response(), cleared, misfits) for cleared in CLEARED)
    arms = tuple(SimulatedArm(arm, (1.0, 2.0, 3.0), 9.0, 0) for arm in ARMS if arm.regimen)
    return VirtualTrials(2000, 0, fits, arms, predictions)


def test_failed_predictions_and_misfits_are_said(virtual):
    text = list(said.sentences(virtual))
    assert text[0].startswith(f"{len(COMPARISONS) - 1} of {len(COMPARISONS)} predicted differences pass")
    assert sum(line.startswith("FAILS: IMpassion050") for line in text) == 1
    assert sum("NeoSphere THP is not met" in line for line in text) == 3


def test_tables_hold_every_arm_number_and_difference(virtual):
    for table, rows in (
        (said.differences_table(virtual), len(COMPARISONS)),
        (said.arms_table(virtual), sum(bool(arm.regimen) for arm in ARMS)),
        (said.response_table(virtual), 6 + len(assumptions())),
    ):
        header, lines = table
        assert len(lines) == rows
        assert {len(line) for line in lines} == {len(header)}
    bases = {line[-1] for line in said.response_table(virtual)[1]}
    assert bases == {"fitted", "assumed"}
    shown = " ".join(name for name, _, _ in assumptions())
    assert all(name in shown for name in ("e_B", "s_B", "k_I", "hormone receptors", "surgery"))
    assert "k_P:" not in shown


def test_the_chart_shows_published_and_predicted_side_by_side(virtual):
    chart = said.differences_chart(virtual)
    published, found = chart.items[1:]
    assert len(chart.y_names) == len(COMPARISONS) == published.x.size == found.x.size
    assert chart.y_names[-1] == COMPARISONS[0].label
    np.testing.assert_allclose(found.x[-1] - published.x[-1], 20.0)


def test_the_whole_run_fits_first_and_predicts_every_arm(monkeypatch):
    monkeypatch.setattr(virtual_calibration, "simulate_arm", lambda arm, r, p, v: stub(arm, r, v))
    monkeypatch.setattr(virtual_prediction, "simulate_arm", lambda arm, r, p, v: stub(arm, r, v))
    told = []
    found = run_virtual_trials(5, 0, lambda share, text: told.append(share))
    assert [fit.cleared_cm3 for fit in found.fits] == list(CLEARED)
    assert len(found.predictions) == len(COMPARISONS)
    assert told == sorted(told)


def test_a_run_can_be_stopped():
    def stop(share, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        run_virtual_trials(5, 0, stop)


@pytest.mark.parametrize("subjects", [0, -3, 10**7])
def test_a_number_of_patients_that_is_none_is_refused(subjects, capsys):
    assert main(["trials", "--subjects", str(subjects), "--quiet"]) == 2
    assert capsys.readouterr().err.startswith("Error: subjects is")


def test_the_command_writes_tables_and_chart(virtual, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(command, "run_virtual_trials", lambda *given: virtual)
    summary = tmp_path / "summary.json"
    assert main(["trials", "--out", str(tmp_path / "out"), "--json", str(summary)]) == 0
    assert "FAILS: IMpassion050" in capsys.readouterr().out
    content = json.loads(summary.read_text())
    assert content["passed"] == len(COMPARISONS) - 1
    assert [each["passes"] for each in content["predictions"]].count(False) == 1
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"differences.csv", "arms.csv", "response.csv", "differences.svg"} <= written
    assert "published, 95 % interval" in (tmp_path / "out" / "differences.svg").read_text()


def test_the_command_without_a_folder_tells_only(virtual, monkeypatch, capsys):
    monkeypatch.setattr(command, "run_virtual_trials", lambda *given: virtual)
    assert main(["trials"]) == 0
    assert "predicted differences pass" in capsys.readouterr().out
