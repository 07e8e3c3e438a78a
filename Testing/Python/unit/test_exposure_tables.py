"""Tables of concentrations under many schedules in many bodies: as each alone, and as the kinetics of the drug."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib import Dose, Schedule, models
from HER2ImmunoModelLib.drugs.compartments import Infusions
from HER2ImmunoModelLib.drugs.exposures import course_of, mg_of, reference_concentration
from HER2ImmunoModelLib.drugs.individuals import population, typical_patient
from HER2ImmunoModelLib.drugs.library import find_drug
from HER2ImmunoModelLib.simulation import exposure_tables
from HER2ImmunoModelLib.simulation.agent_courses import agent_courses
from HER2ImmunoModelLib.simulation.exposure_curves import curves
from HER2ImmunoModelLib.treatments.effects import clinical_model
from HER2ImmunoModelLib.treatments.pharmacokinetics import dose_table

BODIES = 5
LAST_DAY = 90.0


def central(name):
    """The human model that follows the concentration of a drug, and the bodies of a population."""
    drug = find_drug(name)
    kinetics = population(drug, BODIES, seed=1).kinetics
    numbers = {"CL": kinetics.clearance, "V1": kinetics.volume, "V2": kinetics.others[0].volume}
    model = clinical_model(models.get("tivnh_treated", "human"), [name])
    called = model.agents[name].kinetics
    return model, kinetics, model.defaults() | {called[symbol]: value for symbol, value in numbers.items()}


def tables(model, values, schedules, bodies=BODIES, first_day=0.0):
    """What the engine looks up under schedules of (day, full doses), as a function of a schedule, a body and days."""
    name = next(iter(model.agents))
    plans = [Schedule(tuple(Dose(name, *dose) for dose in doses)) for doses in schedules]
    doses = dose_table(model, plans, first_day, LAST_DAY)
    found = curves(model, values, doses, first_day, bodies)

    def at(schedule, body, days):
        met = np.searchsorted(doses.stop[schedule], days, side="right")
        rows = (np.full(days.size, schedule), np.full(days.size, body))
        return found.at(found.place(*rows, np.minimum(met, doses.stop.shape[1] - 1), days), 0.0)[name]

    return at


def random_schedules(n, rng):
    days = [np.sort(rng.choice([0, 3, 7, 7.5, 21, 28, 42, 63], 3, replace=False)) for _ in range(n)]
    return [list(zip(each.tolist(), rng.choice([1.0, 4 / 3], 3).tolist(), strict=True)) for each in days]


@pytest.mark.parametrize("name", ["trastuzumab", "pertuzumab", "t-dm1"])
def test_every_schedule_in_every_body_has_the_concentration_of_the_library(name, monkeypatch):
    monkeypatch.setattr(exposure_tables, "COURSES_AT_ONCE", 4 * BODIES)
    model, kinetics, values = central(name)
    drug = find_drug(name)
    schedules = [[], [(-30.0, 1.0), (5.3, 0.5)], [(0.0, 1.0)], *random_schedules(40, np.random.default_rng(0))]
    at, days = tables(model, values, schedules), np.linspace(0.0, LAST_DAY - 0.1, 500)
    full = mg_of(drug.full_dose, typical_patient(drug))
    for number, doses in enumerate(schedules):
        given = Infusions([day for day, _ in doses], [full * size for _, size in doses], 0.0)
        expected = course_of(kinetics, given, days).concentration / reference_concentration(drug)
        for body in range(BODIES):
            np.testing.assert_allclose(at(number, body, days), expected[body], rtol=2e-5, atol=1e-12)


def test_a_schedule_has_the_same_bits_alone_and_among_others():
    model, _, values = central("trastuzumab")
    schedules = random_schedules(30, np.random.default_rng(1))
    together, days = tables(model, values, schedules), np.linspace(0.0, LAST_DAY - 0.1, 300)
    for number in (0, 11, 29):
        alone = tables(model, values, [schedules[number]])
        for body in range(BODIES):
            np.testing.assert_array_equal(alone(0, body, days), together(number, body, days))


def test_what_goes_before_is_followed_once():
    doses = [[(start, 1.0), (start + 21.0, 1.0)] for start in (0.0, 4.0, 9.0)] + [
        [(2.0, 1.0), (9.0, 1.0)],
        [(2.0, 2.0)],
    ]
    model, _, _ = central("trastuzumab")
    plans = [Schedule(tuple(Dose("trastuzumab", *dose) for dose in each)) for each in doses]
    plan = agent_courses(dose_table(model, plans, -1.0, LAST_DAY), "trastuzumab", -1.0)
    assert [len(each.days) for each in plan.generations] == [1, 2, 2]
    first = plan.generations[1]
    np.testing.assert_array_equal(first.dose, [1.0, 2.0])
    np.testing.assert_array_equal(first.days, [21.0, LAST_DAY - 2.0])
    np.testing.assert_array_equal(plan.generations[2].after, [7.0, 21.0])


def test_pieces_follow_each_other_without_a_gap():
    for longest in (1.0, 0.03):
        days = exposure_tables.nodes(80, longest)
        np.testing.assert_allclose(exposure_tables.pieces_in(days, longest), np.arange(81), rtol=1e-12)
        assert np.diff(days).max() == pytest.approx(longest)


def test_a_table_that_the_memory_does_not_hold_is_refused():
    model, _, values = central("pertuzumab")
    sizes = np.random.default_rng(2).random((2000, 1))
    with pytest.raises(InputError, match=r"exposures of \d+ courses need .* GiB"):
        tables(model, values, [[(0.5, size), (60.0, 1.0)] for (size,) in sizes], bodies=2501)
