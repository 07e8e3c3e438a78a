"""What a calibration and a ranking say, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..calibration.choice_of_model import WeighedModel
from ..calibration.noise_kinds import LOGNORMAL, SD, SHARE, STATED
from ..calibration.result import Calibration
from ..calibration.scatter import Estimate, Scatter
from ..planning.gap_curves import GapCurve
from ..planning.ranking import RankedSchedule, Ranking
from .comparison import SMALLEST_CM3, come_to_the_same, equal_of, told_apart

OBJECTIVE_TITLES = {
    "volume_at_horizon": "Volume on that day",
    "mean_burden": "Mean volume up to that day",
    "nadir": "Smallest volume up to that day",
    "time_to_progression": "Days until 20 % above the smallest volume",
    "probability_below": "Probability of a volume below a level",
}
"""Every objective by name, in few words."""
MOST_SENTENCES = 6
HARDLY_DETERMINED = 100.0
"""Upper over lower end of an interval from which on a volume is as good as unknown."""
_PARTS = {SD: "", SHARE.name: "% of the volume"}
"""Estimated parts of the scatter of volumes, and what a share is of."""
NOT_TOLD_APART = 2.0
"""Difference in BIC that is not worth a mention (Kass and Raftery, J Am Stat Assoc 1995;90:773-795)."""


def answer(ranking: Ranking) -> str:
    """The best schedule, what to expect of it and how sure that is, in one sentence; of one visit, on what; of one
    schedule, that it is no choice; of two that the draws do not tell apart, that none of them is the best.
    """
    best = ranking.rows[0]
    if ranking.visits == 1:
        return (
            "One visit alone shows no course, so what follows is the model's prior and not this tumour's answer: "
            f"{best.schedule.name}, {expectation(ranking, best)}, best in {percent(best.probability_best)} of draws."
        )
    if len(ranking.rows) == 1:
        which = "is the only schedule that is not left out" if ranking.excluded else "is the only schedule"
        return f"Nothing is compared, as {best.schedule.name} {which}: {expectation(ranking, best)}."
    if not tells_apart(ranking):
        equal = equal_of(ranking)
        return (
            f"{like_each_other(ranking)} Expected of {best.schedule.name}: {expectation(ranking, best)}; of "
            f"{equal.schedule.name}: {expectation(ranking, equal)}."
        )
    return (
        f"Best expected: {best.schedule.name}, {expectation(ranking, best)}, "
        f"best in {percent(best.probability_best)} of draws."
    )


def tells_apart(ranking: Ranking) -> bool:
    """Whether the first schedule is better than each other in so many draws, and by so much, that it is the best."""
    return told_apart(ranking.ahead, come_to_the_same(ranking))


def like_each_other(ranking: Ranking) -> str:
    """That the first schedule is not told apart from another; empty if it is."""
    if tells_apart(ranking):
        return ""
    first, equal = ranking.rows[0].schedule.name, equal_of(ranking)
    name = equal.schedule.name
    if told_apart(ranking.ahead):
        return (
            f"The first two schedules come to the same: what is expected of {first} and of {name} differs by less "
            "than any examination shows."
        )
    which = "the first two schedules" if equal.rank == 2 else f"the first schedule and number {equal.rank}"
    share = percent(ranking.ahead)
    return f"The data do not tell {which} apart: {first} does better than {name} in {share} of draws only."


def expectation(ranking: Ranking, row: RankedSchedule) -> str:
    """Expected value of one schedule with its interval, unit and day."""
    value, interval = _value(ranking, row.expected), f"(90 % {_interval(ranking, row)}{_caveat(ranking, row)})"
    day = f"day {ranking.horizon_day:g}"
    label = lower_first(ranking.objective.label).replace("cm3", "cm³")
    return {
        "volume_at_horizon": f"{value} cm³ at {day} {interval}",
        "mean_burden": f"{value} cm³ on average up to {day} {interval}",
        "nadir": f"smallest volume {value} cm³ up to {day} {interval}",
        "time_to_progression": f"{value} days without progression up to {day} {interval}",
        "probability_below": f"{label} ({day}) {percent(row.expected)}",
    }.get(ranking.objective.name, f"{value} {ranking.objective.unit} {interval}")


def _interval(ranking: Ranking, row: RankedSchedule) -> str:
    return f"{_value(ranking, row.lower)} to {_value(ranking, row.upper)}"


def _value(ranking: Ranking, value: float) -> str:
    return volume(value) if ranking.objective.unit == "cm3" else number(value)


def _caveat(ranking: Ranking, row: RankedSchedule) -> str:
    """What is said of an interval over orders of magnitude, which a small mean would hide."""
    wide = row.upper > HARDLY_DETERMINED * max(row.lower, SMALLEST_CM3)
    return ": the data hardly determine the outcome itself" if wide and ranking.objective.unit == "cm3" else ""


def volume(value_cm3: float) -> str:
    """A volume in cm³ to two digits, down to a cubic millimetre."""
    return f"< {SMALLEST_CM3:g}" if value_cm3 < SMALLEST_CM3 else number(value_cm3)


def number(value: float) -> str:
    """A value to two significant digits, or whole if it has more before the point."""
    return f"{value:.0f}" if abs(value) >= 99.5 else f"{value:#.2g}".rstrip(".")


def percent(share: float) -> str:
    """A share in per cent; never 0 % or 100 % for what is not certain."""
    if 0.0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1.0:
        return "> 99 %"
    return f"{100 * share:.0f} %"


def shortened(text: str) -> str:
    """A number with many digits to three of them, for a narrow cell; any other text as it is."""
    try:
        short = f"{float(text):.3g}"
    except ValueError:
        return text
    return short if len(short) < len(text) else text


def value_header(ranking: Ranking) -> str:
    """Short heading of the expected values, with their unit."""
    unit = {"cm3": "cm³", "day": "days", "": "of draws"}.get(ranking.objective.unit, ranking.objective.unit)
    return f"Expected\n{unit}" if ranking.objective.name == "probability_below" else f"Expected\n{unit} (90 %)"


def ranking_cells(ranking: Ranking) -> list[tuple[str, str, str]]:
    """Schedule, expected value with its 90 % interval, and share of draws in which it is best, as text; in order."""

    def expected(row: RankedSchedule) -> str:
        if ranking.objective.name == "probability_below":
            return percent(row.expected)
        return f"{_value(ranking, row.expected)} ({_interval(ranking, row)})"

    return [
        (
            row.schedule.name,
            expected(row),
            percent(row.probability_best),
        )
        for row in ranking.rows
    ]


def excluded(ranking: Ranking) -> list[str]:
    """One sentence for each candidate that was left out, or one for all if they are many."""
    sentences = [f"{schedule.name} is left out: {reason}." for schedule, reason in ranking.excluded]
    if len(sentences) <= MOST_SENTENCES:
        return sentences
    return [f"{len(sentences)} schedules are left out, the first one so: {sentences[0]}"]


def gaps_that_break(curve: GapCurve | None) -> list[str]:
    """A sentence on the gaps between two drugs that break a constraint, if any do."""
    broken = [] if curve is None else np.flatnonzero(curve.is_broken).tolist()
    if not broken:
        return []
    first, total = broken[0], len(curve.breaks)
    said = f"that of {curve.gap_day[first]:g} days: {curve.breaks[first]}"
    return [f"{len(broken)} of {total} gaps between the two drugs break a limit and are marked in the chart; {said}."]


def left_out_of_view(ranking: Ranking, shown: int) -> list[str]:
    """Where to find the schedules of a long ranking that are not among the `shown` ones."""
    total = len(ranking.rows)
    return [] if shown == total else [f"The best of {total} schedules are shown; the table of the ranking has all."]


OF_A_GROUP = "hierarchical"
"""Method of a subject whose priors are what a group says of it."""


def set_by_data(calibration: Calibration) -> str:
    """How many parameters the measurements determine and how many the priors, and what follows where those are most."""
    by_data, total = len(_by_data(calibration)), len(calibration.estimates)
    rest, by = total - by_data, _other(calibration)
    others = f"1 is set by {by[0]}" if rest == 1 else f"{rest or 'none'} are set by {by[1]}"
    said = f"The data set {by_data or 'none'} of {total} parameters; {others}"
    if mostly_prior(calibration):
        return f"{said}, so the forecast and any ranking are mostly {by[2]}."
    return f"{said}."


def _other(calibration: Calibration) -> tuple[str, str, str]:
    """What sets one parameter that the data do not, several, and whose a forecast then is."""
    if calibration.method == OF_A_GROUP:
        return ("the group", "the group", "the group's")
    return ("its prior", "the priors", "the priors'")


def which_by_data(calibration: Calibration) -> list[str]:
    """The parameters that the measurements determine, by their labels; nothing if there are none."""
    labels = [lower_first(calibration.model.parameter(name).label) for name in _by_data(calibration)]
    return [f"Set by the data: {', '.join(labels)}."] if labels else []


def _by_data(calibration: Calibration) -> list[str]:
    return [name for name, estimate in calibration.estimates.items() if estimate.set_by == "data"]


def mostly_prior(calibration: Calibration) -> bool:
    """Whether more parameters are set by their priors than by the measurements."""
    return 2 * len(_by_data(calibration)) < len(calibration.estimates)


def said_of_data(calibration: Calibration) -> list[str]:
    """Notes on what the measurements determine, where that need not be read first, and which parameters these are."""
    return [*([] if mostly_prior(calibration) else [set_by_data(calibration)]), *which_by_data(calibration)]


def basis(calibration: Calibration) -> str:
    """What must be read before any number: that priors set most parameters; empty if they do not."""
    return set_by_data(calibration) if mostly_prior(calibration) else ""


def not_told_apart(weighed: Sequence[WeighedModel]) -> int:
    """How many models, the first and best included, have a BIC so near to its that the data do not tell them apart."""
    return sum(row.bic <= weighed[0].bic + NOT_TOLD_APART for row in weighed)


def scatter(found: Scatter) -> list[str]:
    """How the measurements scatter about the model, where that was estimated or tails are heavy; else nothing."""
    said = [] if found.scale is None else [_scaled(found)]
    parts = [_part(name, value) for name, value in found.values.items() if name in _PARTS]
    if parts:
        evenly = " log-normally" if found.kind == LOGNORMAL else ""
        said.append(f"The volumes scatter{evenly} about the model by {' and '.join(parts)}, as estimated from them.")
    if found.heavy_tails:
        said.append("A number far from the fit weighs little (t distribution with 4 degrees of freedom).")
    return said


def _scaled(found: Scatter) -> str:
    what = "measurements" if found.kind == STATED else "fractions"
    times = f"{found.scale.value:.2g} (90 % {found.scale.lower:.2g} to {found.scale.upper:.2g})"
    return f"The {what} scatter {times} times as much as their standard deviations say."


def _part(name: str, value: Estimate) -> str:
    numbers, unit = (value.value, value.lower, value.upper), "cm³"
    if _PARTS[name]:
        numbers, unit = tuple(100 * number_ for number_ in numbers), _PARTS[name]
    middle, low, high = (number(each) for each in numbers)
    return f"{middle} {unit} (90 % {low} to {high})"


def unit_in_words(unit: str) -> str:
    """A unit as people write it: `cm³`, `per day`."""
    shown = unit.replace("cm3", "cm³")
    return "per " + shown[2:].replace("/", " per ") if shown.startswith("1/") else shown


def lower_first(text: str) -> str:
    """A label inside a sentence."""
    return text[:1].lower() + text[1:]
