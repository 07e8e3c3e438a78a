"""Burdens of schedules and their weights in a ranking: 0 changes nothing, and what is not predicted is said."""

import dataclasses

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Dose, Schedule, calibrate, models, rank_schedules, simulate
from HER2ImmunoModelLib.drugs.patients import Patient
from HER2ImmunoModelLib.findings import ranking_table
from HER2ImmunoModelLib.findings.tables import BURDEN_COLUMNS
from HER2ImmunoModelLib.limits.clinical_history import History
from HER2ImmunoModelLib.planning import Burden, Penalties, Weights
from HER2ImmunoModelLib.regimens.regimens import fill
from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose
from HER2ImmunoModelLib.treatments.clinical_tables import ClinicalSchedule

MODEL = models.get("tivnh_treated", "human")


def schedule(name, **doses):
    return Schedule(
        tuple(Dose(drug.replace("_", "-"), float(day)) for drug, days in doses.items() for day in days), name
    )


TH = schedule("TH", trastuzumab=(4, 25), docetaxel=(4, 25))
TAXANE = schedule("taxane", docetaxel=(4, 25))
WEEKLY = schedule("weekly", paclitaxel=(4, 11, 18, 25))
NOTHING = Schedule((), "nothing")
CARBOPLATIN = schedule("carboplatin", docetaxel=(4,), carboplatin=(4,))
DOXORUBICIN = schedule("doxorubicin", doxorubicin=(4,), trastuzumab=(25,))


@pytest.fixture(scope="module")
def baseline():
    course = simulate(MODEL, {}, [0, 4])
    visits = [
        Measurement(f"V{i}", day, {c: float(course.states[s][0, i]) for s, c in MODEL.observables.items()})
        for i, day in enumerate((0.0, 4.0))
    ]
    return calibrate(MODEL, visits, free=("g", "k_P", "T0"), prior_draws=128)


def ranked(baseline, candidates, **more):
    return rank_schedules(baseline, candidates, draws=12, start_day=4.0, horizon_day=60.0, seed=3, **more)


def test_a_burden_counts_visits_and_weeks_to_surgery():
    burden = Penalties().burden(TH)
    assert burden.visits == 2
    assert burden.weeks == pytest.approx((21 + 28) / 7)
    assert burden.reasons == (
        "Every patient of the heart's model had an anthracycline; without one it is extrapolated.",
    )
    assert Penalties().burden(NOTHING) == Burden(0.0, 0.0, 0.0, 0.0, 0.0)


def test_neutrophils_and_heart_are_those_of_their_models():
    burden = Penalties().burden(TH)
    assert 1.0 < burden.days_below < 6.0
    assert 0.0 <= burden.heart < 0.01
    assert burden.failure == 0.0
    ac = ClinicalSchedule(fill("ac_th"), "AC-TH")
    found = Penalties().burden(ac)
    assert found.heart > burden.heart
    assert found.days_below is None
    again = Penalties(history=History(prior_doxorubicin_mg_per_m2=60.0)).burden(ac)
    assert again.failure == pytest.approx(0.015)
    assert again.heart is None
    assert any("earlier anthracycline" in reason for reason in again.reasons)


def test_a_schedule_that_only_begins_later_is_as_hard_on_the_blood():
    later = Schedule(tuple(dataclasses.replace(dose, day=dose.day + 9.5) for dose in TAXANE.doses), "later")
    assert Penalties().burden(later).days_below == Penalties().burden(TAXANE).days_below


def test_what_is_not_predicted_is_none_with_a_sentence():
    for penalties, given, named in (
        (Penalties(), CARBOPLATIN, "carboplatin"),
        (Penalties(), schedule("T-DXd", t_dxd=(4,)), "t-dxd"),
        (Penalties(), schedule("generic", cytotoxic=(4,)), "cytotoxic"),
        (Penalties(history=History(growth_factor=True)), TAXANE, "growth factor"),
        (Penalties(patient=Patient(species="mouse")), TAXANE, "patients only"),
    ):
        burden = penalties.burden(given)
        assert burden.days_below is None
        assert any(named in reason for reason in burden.reasons)
        assert burden.visits == 1 + (given is TAXANE)


def test_drugs_of_a_model_are_said_to_be_drugs_of_the_library_or_prescribed():
    generic = schedule("generic", cytotoxic=(4, 25))
    expected = Penalties().burden(TAXANE)
    assert Penalties(drugs=(("cytotoxic", "docetaxel"),)).burden(generic) == expected
    prescribed = ClinicalSchedule(
        tuple(ClinicalDose("docetaxel", day, 75.0, "mg/m2") for day in (4.0, 25.0)), "generic"
    )
    assert Penalties(prescribed={"generic": prescribed}).burden(generic).days_below == expected.days_below


def test_the_ranking_is_the_same_to_the_last_bit_where_nothing_weighs(baseline):
    candidates = [TH, TAXANE, WEEKLY, NOTHING, DOXORUBICIN]
    plain, shown = ranked(baseline, candidates), ranked(baseline, candidates, penalties=Penalties())
    without = [dataclasses.replace(row, burden=None) for row in shown.rows]
    assert without == list(plain.rows)
    assert all(row.burden is not None and row.penalty == 0.0 for row in shown.rows)
    assert any("doxorubicin" in warning for warning in shown.warnings)


def test_a_weight_adds_to_the_loss_and_can_turn_the_order(baseline):
    candidates = [TH, TAXANE, NOTHING]
    weighted = ranked(baseline, candidates, penalties=Penalties(Weights(visits=1e6)))
    assert weighted.best == NOTHING
    plain = {row.schedule.name: row for row in ranked(baseline, candidates).rows}
    for row in weighted.rows:
        assert row.expected == plain[row.schedule.name].expected
        assert row.penalty == 1e6 * row.burden.visits
        gained = plain[row.schedule.name].gain - (row.penalty - 2e6)
        assert row.gain == pytest.approx(gained)


def test_weights_are_summed_over_the_parts():
    burden = Penalties().burden(TH)
    weights = Weights(days_below=2.0, heart=10.0, failure=5.0, visits=0.5, weeks=0.25)
    parts = 2.0 * burden.days_below + 10.0 * burden.heart + 0.5 * 2 + 0.25 * 7
    assert weights.loss(burden) == pytest.approx(parts)


def test_a_refused_weight_keeps_the_name_of_lvef():
    with pytest.raises(InputError, match="The chance of a decline of LVEF cannot weigh in, as a schedule has no"):
        Weights(heart=1.0).loss(Burden(0.0, None, 0.0, 1.0, 4.0, ("Nobody knows.",)))


def test_burdens_of_many_schedules_are_wanted_only_where_they_weigh():
    assert Penalties().wanted(20) == Penalties()
    assert Penalties().wanted(21) is None
    weighing = Penalties(Weights(visits=1.0))
    assert weighing.wanted(21) is weighing
    assert weighing.told()["weights"] == {"visits": 1.0}


def test_a_weight_on_what_is_not_predicted_is_refused(baseline):
    with pytest.raises(InputError, match=r"cannot weigh in, as doxorubicin has no prediction.*Set its weight to 0"):
        ranked(baseline, [TH, DOXORUBICIN], penalties=Penalties(Weights(days_below=1.0)))


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_weights_that_are_none_are_refused(weight):
    with pytest.raises(InputError, match="weight of visits"):
        Weights(visits=weight)


def test_the_table_shows_burdens_where_they_were_asked_for(baseline):
    candidates = [TH, DOXORUBICIN]
    plain, shown = (ranking_table(ranked(baseline, candidates, penalties=p)) for p in (None, Penalties()))
    assert shown[0] == [*plain[0], *BURDEN_COLUMNS]
    assert [row[: len(plain[0])] for row in shown[1]] == plain[1]
    cells = {row[1]: dict(zip(shown[0], row, strict=True)) for row in shown[1]}
    assert cells["doxorubicin"]["days_neutrophils_below_0.5"] == ""
    assert cells["TH"]["visits"] == 2
