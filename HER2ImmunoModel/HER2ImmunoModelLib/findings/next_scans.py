"""Which scan next: in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..calibration.noise_kinds import LOGNORMAL, STATED
from ..planning.scan_results import NextScan, ScanGain, best_of
from ..planning.scans import COLUMN_WORDS, SMALLEST_CM3, Scan, in_words
from . import wording
from .tables import Table

LITTLE = 0.05
"""Share of the spread, or of the value of knowing the truth, below which a scan is not worth its effort (assumed)."""
CERTAIN = 0.95
"""Probability that what is chosen is the best, from which on no scan is needed to choose (assumed)."""
KNOWN = 0.1
"""Width of the 90 % interval of a number over its size, up to which it is known: two readers of a volume differ by as
much (assumed)."""
UNSURE = 0.05
"""Monte Carlo standard error of a gain from which on more draws are asked for (assumed)."""
MOST_OF_IT = 0.9
"""Share of the largest gain of an examination that an earlier day must bring to be named."""
PHRASES = {
    "volume": "a volume alone",
    "vascular": "the vascular fraction alone",
    "necrotic": "the necrotic fraction alone",
    "immune": "an immune PET or a biopsy",
}
"""Examinations of one number, inside a sentence."""
ANSWERS = {
    "volume_at_horizon": "the volume on day {day:g}",
    "mean_burden": "the mean volume up to day {day:g}",
    "nadir": "the smallest volume up to day {day:g}",
    "time_to_progression": "the time without progression up to day {day:g}",
    "probability_below": "whether the volume is below the level on day {day:g}",
}
"""What is asked, by objective."""


def asked(found: NextScan) -> str:
    """The answer that is to be sharpened, in few words."""
    if found.is_choice:
        return f"the choice among {len(found.schedules)} schedules"
    known = ANSWERS.get(found.objective.name, found.objective.label.lower())
    return known.format(day=found.horizon_day)


def is_settled(found: NextScan) -> bool:
    """Whether the answer is as good as certain already, so that no scan is needed for it."""
    small = SMALLEST_CM3 if found.objective.unit == "cm3" else 0.0
    if found.is_choice:
        return found.before >= CERTAIN or not found.perfect > small
    lower, upper = found.interval
    # Of yes or no, the interval has no width where fewer than one draw in twenty says otherwise.
    return found.before <= max(small, KNOWN * min(abs(lower), abs(upper)))


def helps(found: NextScan) -> bool:
    """Whether the scan that is proposed would sharpen the answer notably, beyond chance."""
    row = found.proposed
    return row.gain >= LITTLE and row.gain > 2 * row.error


def answer(found: NextScan) -> str:
    """Which scan next and what it would bring, in one or two sentences; that none helps, or none is needed."""
    row = found.proposed
    if is_settled(found):
        need = "to choose" if found.is_choice else f"to know {asked(found)}"
        return f"No scan is needed {need}: {_certainty(found)}."
    if not helps(found):
        most = f"{_percent(row.gain)} of {whole(found)}"
        return f"No scan until then tells much of {asked(found)}: {said(row)}, which tells most, brings {most}."
    alone = " is enough" if len(row.scan.columns) == 1 and row.scan != found.best.scan else ""
    return f"Scan next on day {row.day:g}: {_with(row.scan)}{alone}. {_brings(found, row)}"


def _with(scan: Scan) -> str:
    return PHRASES.get(scan.name) or f"{_short(scan)} ({in_words(scan.columns)})"


def said(row: ScanGain) -> str:
    """An examination and its day, inside a sentence."""
    return f"{PHRASES.get(row.scan.name) or _short(row.scan)} on day {row.day:g}"


def _brings(found: NextScan, row: ScanGain) -> str:
    share = f"{_percent(row.gain)} (± {_points(row.error)}) of {whole(found)}"
    if found.is_choice:
        worth = _amount(found, row.worth)
        return (
            f"What is chosen after it is expected to be the best in {wording.percent(row.after)} of draws, not in "
            f"{wording.percent(found.before)}, and to be better by {worth} on average: {share}."
        )
    interval = f" {_interval(found, row)}" if found.objective.name != "probability_below" else ""
    return f"It would remove {share}.{interval}"


def _interval(found: NextScan, row: ScanGain) -> str:
    lower, upper = (_amount(found, end, unit=False) for end in found.interval)
    return (
        f"Now that is {_amount(found, found.middle)} (90 % {lower} to {upper}); after it the interval is expected to "
        f"be {_amount(found, row.after)} wide instead of {_amount(found, found.before, unit=False)}."
    )


def whole(found: NextScan) -> str:
    """What a gain is a share of."""
    if found.is_choice:
        return f"what knowing the tumour exactly would bring ({_amount(found, found.perfect)})"
    return f"the spread of {asked(found)}"


def _certainty(found: NextScan) -> str:
    if not found.is_choice:
        lower, upper = (_amount(found, end, unit=False) for end in found.interval)
        return f"it is foreseen as {_amount(found, found.middle)} (90 % {lower} to {upper})"
    best = f"{found.chosen} is the best in {wording.percent(found.before)} of draws"
    if found.before >= CERTAIN:
        return best
    return f"{best}, and where it is not, the others are hardly better (knowing it would bring {_lost(found)})"


def _lost(found: NextScan) -> str:
    return "nothing" if not found.perfect > 0 else _amount(found, found.perfect)


def _amount(found: NextScan, value: float, *, unit: bool = True) -> str:
    """A value of the objective with its unit."""
    units = {"cm3": " cm³", "day": " days"}
    text = wording.volume(value) if found.objective.unit == "cm3" else wording.number(value)
    if found.objective.name == "probability_below":
        return wording.percent(value)
    return text + (units.get(found.objective.unit, "") if unit else "")


def _percent(share: float) -> str:
    return wording.percent(max(share, 0.0))


def _points(error: float) -> str:
    """A standard error in percentage points, to one digit."""
    return f"{100 * error:.0f}" if error >= 0.01 else f"{100 * error:.1g}"


def notes(found: NextScan) -> list[str]:
    """What must be known of the answer: days that bring almost as much, what does as well, and what was assumed."""
    row = found.proposed
    several = helps(found) and not is_settled(found)
    return [
        *(_earlier(found, row) if several else []),
        *(_as_good(found, row) if several else []),
        *(_until(found) if found.is_choice and not several else []),
        *_unsure(found, row),
        *_assumed(found),
    ]


def _earlier(found: NextScan, row: ScanGain) -> list[str]:
    """The first day on which the same examination brings most of it."""
    first = next(each for each in found.of_scan(row.scan) if each.gain >= MOST_OF_IT * row.gain)
    if first.day >= row.day:
        return []
    return [f"Most of it comes earlier: on day {first.day:g} the same scan brings {_percent(first.gain)}."]


def _until(found: NextScan) -> list[str]:
    """Why later scans are not among those to choose from, where these do not help and one is wanted."""
    if is_settled(found):
        return []
    last = max(row.day for row in found.rows)
    return [f"Scans until day {last:g} were looked at; schedules that begin to differ later leave more time for one."]


def _unsure(found: NextScan, row: ScanGain) -> list[str]:
    """That the draws are too few for what is said, where they are."""
    if is_settled(found) or not row.error > UNSURE:
        return []
    return [f"With these draws the gains are sure to ± {100 * row.error:.0f} points only; more draws make them surer."]


def _as_good(found: NextScan, row: ScanGain) -> list[str]:
    """The other examinations of that day, and how much less or more they bring."""
    day = sorted((each for each in found.rows if each.day == row.day and each != row), key=lambda each: -each.gain)
    if not day:
        return []
    words = ", ".join(f"{_short(each.scan)} {_percent(each.gain)}" for each in day)
    return [f"On that day {_short(row.scan)} brings {_percent(row.gain)}, {words}."]


def _short(scan: Scan) -> str:
    return scan.label if scan.label[1].isupper() else wording.lower_first(scan.label)


def _assumed(found: NextScan) -> list[str]:
    columns = {column for scan in found.scans for column in scan.columns}
    scatter = [f"{COLUMN_WORDS[name]} {_sd(found, name)}" for name in found.noise if name in columns]
    doses = "until the choice the doses that all schedules share" if found.is_choice else "doses as planned"
    return [f"Assumed: standard deviations of {', '.join(scatter)}; {doses}; {found.distinct} draws of the posterior."]


def _sd(found: NextScan, column: str) -> str:
    sd = found.noise[column]
    if column != "volume_cm3":
        return f"{sd:.2g}"
    return wording.percent(sd) if found.noise_kind in (STATED, LOGNORMAL) else f"{wording.volume(sd)} cm³"


def header(found: NextScan) -> tuple[str, ...]:
    """Short heads of the columns of `cells`."""
    after = "Best of\nall in" if found.is_choice else "Interval\nafter"
    return ("Scan", "Best\nday", "Worth" if found.is_choice else "Spread\nremoved", after)


def header_tips(found: NextScan) -> tuple[str, ...]:
    """What each column says."""
    if found.is_choice:
        after = (
            f"Share of the draws in which what is chosen after the scan is expected to be the best; now it is "
            f"{wording.percent(found.before)}"
        )
    else:
        after = f"Width of the 90 % interval that is expected after the scan; now it is {_amount(found, found.before)}"
    return (
        "What is measured",
        f"Day on which it is worth most, of those from {min(row.day for row in found.rows):g} to "
        f"{max(row.day for row in found.rows):g}",
        f"Share of {whole(found)}, with its Monte Carlo standard error",
        after,
    )


def cells(found: NextScan) -> list[tuple[str, ...]]:
    """Every scan on its best day, as text: day, gain with its error, and what to expect after it; the best first."""
    best = sorted((best_of(found.of_scan(scan)) for scan in found.scans), key=lambda row: -row.gain)
    return [
        (row.scan.label, f"{row.day:g}", f"{_percent(row.gain)} (± {_points(row.error)})", _after(found, row))
        for row in best
    ]


def _after(found: NextScan, row: ScanGain) -> str:
    if found.objective.name == "probability_below" and not found.is_choice:
        return "–"  # yes or no has no interval
    return wording.percent(row.after) if found.is_choice else _amount(found, row.after)


def lines(found: NextScan, most_days: int) -> list[str]:
    """Gains as text: a line for each examination, a column for each of some days, the proposed one among them."""
    days = sorted({row.day for row in found.rows})
    some = {days[i] for i in np.linspace(0, len(days) - 1, min(most_days, len(days))).round().astype(int)}
    shown = sorted(some | {found.proposed.day})
    width = max(len(scan.label) for scan in found.scans)
    head = f"{'':<{width}}" + "".join(f"{f'day {day:g}':>9}" for day in shown)
    return [head, *(f"{scan.label:<{width}}" + _line_of(found.of_scan(scan), shown) for scan in found.scans)]


def _line_of(rows: Sequence[ScanGain], days: Sequence[float]) -> str:
    return "".join(f"{_percent(row.gain):>9}" for row in rows if row.day in days)


def gains_table(found: NextScan) -> Table:
    """One row an examination and day: its gain with its error, what to expect after it, whether it is the best."""
    before, after = ("probability_best_before", "probability_best_after")
    if not found.is_choice:
        before, after = "interval_width_before", "interval_width_after"
    header = ["scan", "day", "measures", "gain", "gain_error", before, after]
    header += [*(["worth", "worth_error"] if found.is_choice else []), "effective_draws", "as_good_as_best", "proposed"]
    return header, [_cells(found, row) for row in found.rows]


def _cells(found: NextScan, row: ScanGain) -> Sequence[object]:
    worth = (row.worth, row.worth_error) if found.is_choice else ()
    marks = (int(row in found.equal), int(row == found.proposed))
    numbers = (row.gain, row.error, found.before, row.after, *worth, row.effective)
    return (row.scan.name, row.day, " ".join(row.scan.columns), *numbers, *marks)
