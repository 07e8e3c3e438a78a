"""Hard limits of treatment against a second, plain check of every dose, over ten thousand random schedules.

Rows are (drug, day, size in the drug's own unit) of a patient of 68 kg and 1.8 m2.
"""

import random
from itertools import combinations, pairwise

from HER2ImmunoModelLib import Dose, Schedule
from HER2ImmunoModelLib.drugs.drug_library import DRUGS
from HER2ImmunoModelLib.drugs.patients import Patient
from HER2ImmunoModelLib.limits.clinical_history import History
from HER2ImmunoModelLib.limits.clinical_limits import RULES, ClinicalLimits, check
from HER2ImmunoModelLib.regimens.regimen_library import REGIMENS
from HER2ImmunoModelLib.regimens.regimens import fill
from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose, resolve
from HER2ImmunoModelLib.treatments.clinical_tables import ClinicalSchedule

FULL = {drug.name: drug.full_dose for drug in DRUGS if drug.species == "human"}

ANTI_HER2 = ("trastuzumab", "pertuzumab", "t-dm1", "t-dxd")
ANTHRACYCLINES = ("doxorubicin", "epirubicin")


def plain_interval(drug, size, growth_factor):
    if drug == "trastuzumab":
        return 7 if size <= 4 else 21
    if drug == "paclitaxel":
        return 7 if size <= 90 else 21
    if drug == "carboplatin":
        return 7 if size <= 3 else 21
    if drug in ("doxorubicin", "cyclophosphamide"):
        return 14 if growth_factor and size <= {"doxorubicin": 60, "cyclophosphamide": 600}[drug] else 21
    if drug == "pembrolizumab":
        return 21 if size <= 200 else 42
    if drug == "atezolizumab":
        return 14 if size <= 840 else 21
    return 21


PLAIN_LARGEST = {
    "trastuzumab": 8,
    "pertuzumab": 840,
    "t-dm1": 3.6,
    "t-dxd": 5.4,
    "docetaxel": 100,
    "paclitaxel": 175,
    "carboplatin": 6,
    "doxorubicin": 60,
    "epirubicin": 100,
    "cyclophosphamide": 600,
    "pembrolizumab": 400,
    "atezolizumab": 1200,
}


def plainly_broken(rows, history):
    """Names of the rules that planned rows break; rows of one drug are on different days."""
    found = set()
    rows = sorted(rows, key=lambda row: row[1])
    for drug in {row[0] for row in rows}:
        own = [row for row in rows if row[0] == drug]
        for (_, day, size), (_, later, next_size) in pairwise(own):
            if later - day < plain_interval(drug, size, history.growth_factor):
                found.add("least interval")
            if plainly_loaded_again(drug, size, next_size, later - day):
                found.add("largest dose")
        if drug in ANTI_HER2 and own[-1][1] - own[0][1] > 364:
            found.add("anti-HER2 course")
    for drug, day, size in rows:
        if size > PLAIN_LARGEST[drug] * (1 + 1e-9):
            found.add("largest dose")
        if drug in ANTHRACYCLINES:
            for other, when, _ in rows:
                if other in ANTI_HER2 and 0 <= day - when < 213:
                    found.add("anthracycline with or after anti-HER2")
        if plainly_held(drug, day, history):
            found.add("measured LVEF")
        counts = [row for row in history.neutrophils if 0 <= day - row[0] <= 7]
        least = {"docetaxel": 1.5, "paclitaxel": 1.5, "epirubicin": 1.5, "doxorubicin": 1.0}.get(drug, 0)
        if counts and counts[-1][1] < least:
            found.add("blood count")
    found |= plainly_over_a_life(rows, history)
    if history.lvef_at_entry < 55 and any(row[0] in ANTI_HER2 + ANTHRACYCLINES for row in rows):
        found.add("LVEF at entry")
    return found


def plainly_loaded_again(drug, size, next_size, gap):
    """Whether a loading dose comes in time after another dose."""
    if drug == "trastuzumab":
        return next_size > 6.6 and gap <= (14 if size <= 4 else 28)
    return drug == "pertuzumab" and next_size > 462 and gap < 42


def plainly_over_a_life(rows, history):
    for _, until, _ in rows:
        before = [row for row in rows if row[1] <= until]
        dox = sum(row[2] for row in before if row[0] == "doxorubicin") + history.prior_doxorubicin_mg_per_m2
        epi = sum(row[2] for row in before if row[0] == "epirubicin")
        if not any(row[0] in ANTHRACYCLINES and row[1] == until for row in before):
            continue
        harm = history.chest_radiotherapy or any(row[0] in (*ANTI_HER2, "cyclophosphamide") for row in before)
        if dox + epi / 2 > (400 if harm else 550) * (1 + 1e-9) or epi > 720 * (1 + 1e-9):
            return {"cumulative anthracycline"}
    return set()


def plainly_held(drug, day, history):
    seen = [value for when, value in history.lvef if when <= day]
    if not seen or drug not in ANTI_HER2:
        return False
    fall = [history.lvef_at_entry - value for value in seen]
    if drug == "t-dm1":
        low = [v < 40 or (v <= 45 and f >= 10) for v, f in zip(seen, fall, strict=True)]
        return low[-1] or any(a and b for a, b in pairwise(low))
    if drug == "t-dxd":
        severe = [v < 40 or f > 20 for v, f in zip(seen, fall, strict=True)]
        stopped = any(a and b for a, b in pairwise(severe))
        return stopped or severe[-1] or (40 <= seen[-1] <= 45 and fall[-1] >= 10)
    low = [f >= 16 or (v < 50 and f >= 10) for v, f in zip(seen, fall, strict=True)]
    recent = [day - when < 28 for when, _ in history.lvef if when <= day]
    return low[-1] or any(a and b for a, b in zip(low, recent, strict=True))


def random_rows(draw: random.Random):
    """One to four drugs, each every so many days, sizes at or beside the usual ones."""
    rows = []
    for drug in draw.sample(list(PLAIN_LARGEST), draw.randint(1, 4)):
        usual = draw.choice([draw.choice((0.25, 0.4, 0.5, 0.75, 1)), draw.choice((0.5, 1))])
        size = PLAIN_LARGEST[drug] * draw.choice((usual, usual, usual, usual, 1.02))
        step = draw.choice((7, 14, 21, 21, 21, 22, 28, 42))
        first = draw.choice((0, 0, 7, 84, 220, 230))
        rows += [(drug, first + step * number, size) for number in range(draw.randint(1, draw.choice((4, 12, 19))))]
    if draw.random() < 0.2:
        index = draw.randrange(len(rows))
        drug, day, size = rows[index]
        moved = day + draw.choice((-1, 1))
        if (drug, moved) not in [row[:2] for row in rows]:
            rows[index] = (drug, moved, size)
    return rows


def random_history(draw: random.Random) -> History:
    return History(
        prior_doxorubicin_mg_per_m2=draw.choice((0, 0, 0, 240, 400)),
        chest_radiotherapy=draw.random() < 0.1,
        lvef_at_entry=draw.choice((54, 60, 60, 65, 70, 70)),
        lvef=tuple((84 * n, draw.choice((38, 44, 48, 52, 60, 62))) for n in range(1, draw.choice((1, 1, 3)))),
        neutrophils=tuple((day, draw.choice((0.8, 1.2, 3.0))) for day in draw.sample(range(90), draw.choice((0, 2)))),
        growth_factor=draw.random() < 0.5,
    )


def test_ten_thousand_random_schedules_that_pass_break_no_rule_in_a_plain_check():
    draw = random.Random(13)
    passed, refused = 0, dict.fromkeys(RULES, 0)
    patient = Patient()
    for _ in range(10_000):
        rows, history = random_rows(draw), random_history(draw)
        if draw.random() < 0.5:
            schedule = Schedule(tuple(Dose(drug, day, size / FULL[drug].size) for drug, day, size in rows))
        else:
            schedule = ClinicalSchedule(tuple(ClinicalDose(*row, FULL[row[0]].unit) for row in rows))
        said = {broken.rule for broken in ClinicalLimits(patient, history).broken(schedule)}
        assert said == plainly_broken(rows, history), (rows, history)
        passed += not said
        for rule in said:
            refused[rule] += 1
    assert passed > 500
    assert min(refused.values()) > 100, refused


def test_the_plain_check_and_the_rules_judge_pairs_of_regimens_alike():
    """One regimen two weeks after another, which nobody would plan: what the rules say is what the plain check says."""
    human = [regimen for regimen in REGIMENS if regimen.species == "human"]
    history = History(lvef_at_entry=60, growth_factor=True)
    for first, second in combinations(human, 2):
        planned = fill(first)
        start = max(dose.day for dose in planned) + 14
        joined = {(dose.drug, dose.day): dose for dose in (*planned, *fill(second, start))}.values()
        said = {each.rule for each in check(resolve(joined, Patient()), Patient(), history)}
        assert said == plainly_broken([(dose.drug, dose.day, dose.size) for dose in joined], history)
