"""Measurements that can be read and are hardly true: each with the reason in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import exp, hypot, log
from statistics import median

import numpy as np
from HER2ImmunoCommonLib.measurements import MODEL_COLUMNS, Measurement, label_of

from ..calibration.observations import doubtful_size, number_of, says_little

VOLUME = "volume_cm3"
EXCLUSIVE = (
    ("vascular_fraction", "necrotic_fraction", "a voxel is either well perfused or necrotic"),
    ("necrotic_fraction", "hypoxic_fraction", "necrotic tissue does not trap FMISO"),
)
"""Shares of one tumour that exclude one another, with the reason.

Vascular and necrotic fraction are counted over the same voxels of one DCE-MRI: a high Ktrans, and no IAUGC60. FMISO is
bound in living hypoxic cells only (Rasey et al., Radiat Res 1987;111:292-304).
"""
ROUND_OFF = 0.02
"""By which two shares may make more than 1: both rounded to two digits, of images of one size (assumed)."""
FASTEST_DAYS = {"human": 7.0, "mouse": 1.0}
"""Doubling time below which a volume is suspicious, days (assumed).

Breast cancers double in 3 to 8 months on average (103 days triple negative, 162 HER2-positive: Ryu et al., Eur Radiol
2014;24:2227-2235); a xenograft not faster than its cells divide, in about a day.
"""
FASTEST_HALF_DAYS = {"human": 3.0, "mouse": 1.0}
"""Time in which a volume halves, below which it is suspicious, days (assumed): responses are measured over weeks."""
BEYOND_NOISE = 3.0
"""Standard deviations by which two volumes must differ before their change is judged."""
COPIED_DIGITS = 4
"""Digits from which a number that is that of the visit before is taken for copied (assumed).

Two volumes of three digits are equal by chance in one of 30 pairs, if a tumour hardly changes. A fraction may be one
of two whole numbers of voxels, and have many digits.
"""
OFF_VOLUME, OFF_FRACTION = log(3.0), 0.3
"""How far a number between two others that agree may lie off their line: a factor, and a share (assumed)."""
OTHER_UNIT = 30.0
"""Factor between a number and the median of the others from which its unit is doubted (assumed)."""
MOST_SD_OF_SHARE = 0.5
"""No number between 0 and 1 has a larger standard deviation (Popoviciu)."""


@dataclass(frozen=True)
class Suspicion:
    """What is suspicious: index of the visit, column, and the reason as part of a sentence."""

    visit: int
    column: str
    reason: str


def find_suspicions(visits: Sequence[Measurement], species: str) -> list[Suspicion]:
    """All that is suspicious in visits, by visit and column.

    Parameters
    ----------
    visits : sequence of Measurement
        By day.
    species : str
        Whose tumour it is, for how fast it may change.
    """
    units = list(_other_units(visits))
    slips = [each for each in _off_the_line(visits) if (each.visit, each.column) not in _cells(units)]
    # What is off itself makes the change before and after it seem fast.
    known = [n for n, visit in enumerate(visits) if visit.values.get(VOLUME, 0.0) > 0]
    sound = [n for n in known if (n, VOLUME) not in _cells(units + slips)]
    found = [*_exclusive(visits), *_spreads(visits), *_changes(visits, sound, species), *_copied(visits)]
    found += units + slips
    return sorted(found, key=lambda each: each.visit)


def suspicions(visits: Sequence[Measurement], species: str) -> tuple[str, ...]:
    """What is suspicious, as sentences that name visit and quantity."""
    visits = sorted(visits, key=lambda visit: visit.day)
    return tuple(
        f"Visit {visits[each.visit].visit}, {in_words(each.column)}: {each.reason}."
        for each in find_suspicions(visits, species)
    )


def told_by_calibration(visits: Sequence[Measurement], species: str) -> Iterator[Suspicion]:
    """What the calibration says itself of single numbers."""
    for number, visit in enumerate(visits):
        if said := doubtful_size(species, visit):
            yield Suspicion(number, VOLUME, _without_place(said))
        for column in MODEL_COLUMNS:
            if column in visit.values and (said := says_little(visit, column)):
                yield Suspicion(number, column, _without_place(said))


def in_words(column: str) -> str:
    """A column within a sentence, without its unit."""
    label = label_of(column).partition(" (")[0]
    return label[0].lower() + label[1:] if column in MODEL_COLUMNS else label


def _without_place(sentence: str) -> str:
    return sentence.partition(": ")[2].removesuffix(".")


def _cells(found: Sequence[Suspicion]) -> set[tuple[int, str]]:
    return {(each.visit, each.column) for each in found}


def _exclusive(visits: Sequence[Measurement]) -> Iterator[Suspicion]:
    for number, visit in enumerate(visits):
        for one, other, why in EXCLUSIVE:
            if one in visit.values and other in visit.values:
                total = visit.values[one] + visit.values[other]
                if total > 1.0 + ROUND_OFF:
                    said = f"{in_words(one)} and {in_words(other)} make {total:.3g}, but {why}"
                    yield from (Suspicion(number, column, said) for column in (one, other))


def _spreads(visits: Sequence[Measurement]) -> Iterator[Suspicion]:
    for number, visit in enumerate(visits):
        for column, sd in visit.sd.items():
            if column.endswith("_fraction") and column in visit.values and MOST_SD_OF_SHARE < sd < 1.0:
                yield Suspicion(number, column, f"its standard deviation {sd:g} is more than any share can have (0.5)")


def _changes(visits: Sequence[Measurement], measured: Sequence[int], species: str) -> Iterator[Suspicion]:
    fastest, half = FASTEST_DAYS.get(species), FASTEST_HALF_DAYS.get(species)
    if fastest is None:
        return
    for before, number in pairwise(measured):
        (low, sd_low, _), (high, sd_high, _) = (number_of(visits[n], VOLUME) for n in (before, number))
        days, change = visits[number].day - visits[before].day, high - low
        limit, what = (fastest, "double") if change > 0 else (half, "halve")
        is_change = days > 0 and abs(change) > BEYOND_NOISE * hypot(sd_low, sd_high)
        if is_change and (per := days * log(2) / abs(change)) < limit:
            yield Suspicion(
                number,
                VOLUME,
                f"from {exp(low):.3g} to {exp(high):.3g} cm³ in {days:g} days it would {what} every {per:.2g} days; "
                f"tumours of a {species} hardly do in less than {limit:g}",
            )


def _copied(visits: Sequence[Measurement]) -> Iterator[Suspicion]:
    """A number with many digits that is that of the visit before; all numbers, whatever their digits."""
    for number, (before, visit) in enumerate(pairwise(visits), start=1):
        shared = [name for name in visit.values if name in before.values]
        equal = [name for name in shared if visit.values[name] == before.values[name]]
        is_whole = len(equal) == len(shared) > 1
        for name in equal:
            is_long = not name.endswith("_fraction") and _digits(visit.values[name]) >= COPIED_DIGITS
            if is_whole or is_long:
                said = f"{visit.values[name]:.6g} is to the last digit what visit {before.visit} has, as if copied"
                yield Suspicion(number, name, said)


def _off_the_line(visits: Sequence[Measurement]) -> Iterator[Suspicion]:
    """A number between two that agree with each other and not with it: a slip of the pen."""
    for column in MODEL_COLUMNS:
        is_volume = column == VOLUME
        there = [(n, visit) for n, visit in enumerate(visits) if column in visit.values]
        # A volume of 0 has no logarithm, and is refused by itself.
        measured = [(n, v.day, v.values[column]) for n, v in there if not is_volume or v.values[column] > 0]
        for before, (number, day, value), after in zip(measured, measured[1:], measured[2:], strict=False):
            ends = [log(end[2]) if is_volume else end[2] for end in (before, after)]
            expected = float(np.interp(day, [before[1], after[1]], ends))
            off = abs((log(value) if is_volume else value) - expected)
            if off > (OFF_VOLUME if is_volume else OFF_FRACTION) and abs(ends[1] - ends[0]) < off / 2:
                near = exp(expected) if is_volume else expected
                said = f"{value:.3g} is far from what the visits before and after have (about {near:.3g})"
                yield Suspicion(number, column, said)


def _other_units(visits: Sequence[Measurement]) -> Iterator[Suspicion]:
    """A number of another size than all the others: in mm3, in percent, or with a slipped decimal sign."""
    for column in _columns(visits):
        if column.endswith("_fraction"):
            continue  # a share may be near 0
        measured = {n: visit.values[column] for n, visit in enumerate(visits) if visit.values.get(column, 0.0) > 0}
        for number, value in measured.items():
            others = [other for n, other in measured.items() if n != number]
            if len(others) < 2:
                continue
            ratio = value / median(others)
            if not 1 / OTHER_UNIT < ratio < OTHER_UNIT and max(others) / min(others) < OTHER_UNIT:
                times = f"{ratio:.2g} times" if ratio > 1 else f"{1 / ratio:.2g} times less than"
                yield Suspicion(number, column, f"{times} the median of the other visits, as if in another unit")


def _columns(visits: Sequence[Measurement]) -> list[str]:
    return list(dict.fromkeys(column for visit in visits for column in visit.values))


def _digits(value: float) -> int:
    """Digits that were written, as far as a number tells them."""
    return len(Decimal(repr(value)).normalize().as_tuple().digits)
