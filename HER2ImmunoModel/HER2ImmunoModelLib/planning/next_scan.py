"""Which scan next: how much each examination on each day would sharpen an answer, before it is made.

The expected value of sample information (Raiffa and Schlaifer, Applied Statistical Decision Theory, 1961; Lindley, Ann
Math Stat 1956;27:986-1005), from the draws of a calibration alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked
from HER2ImmunoCommonLib.progress import Report, part, tell

from ..calibration.result import Calibration
from ..simulation.batch import simulate_schedules
from ..treatments.constraints import Constraint
from ..treatments.schedule import Schedule
from .courses import TOLERANCE, outcomes
from .objectives import Objective
from .penalties import Penalties
from .scan_gains import Choice, Gain, Number
from .scan_questions import Question, question
from .scan_results import LEAST_EFFECTIVE, NextScan, ScanGain, best_of
from .scan_weights import GROUPS, Pool, learned
from .scans import SMALLEST_CM3, Scan, noise_of_scans

DRAWS = 1000
LEAST_DRAWS = 5 * GROUPS
MOST_CONTENDERS = 12
"""Schedules among which a choice is made; of more, those that are the best of most draws and best on average."""
TOLD_APART = 2.0
"""Standard errors of a difference from which on two gains are told apart."""
SAME_GAIN = 0.01
"""Difference of two gains that is none in practice (assumed)."""
_NOISE_STREAM = 71
"""Keeps the noise of measurements apart from the random numbers of the draws."""


def next_scan(
    calibration: Calibration,
    candidates: Sequence[Schedule] = (),
    objective: Objective | str = "volume_at_horizon",
    constraints: Sequence[Constraint] = (),
    *,
    schedule: Schedule | None = None,
    given: Schedule | None = None,
    days: Sequence[float] | None = None,
    until_day: float | None = None,
    quantities: Sequence[str] | None = None,
    start_day: float | None = None,
    horizon_day: float | None = None,
    level_cm3: float | None = None,
    penalties: Penalties | None = None,
    half_given: bool = False,
    draws: int = DRAWS,
    seed: int = 0,
    report: Report | None = None,
) -> NextScan:
    """How much each examination on each day would sharpen an answer.

    With several candidates the answer is which of them is the best, else what the objective is under one schedule; of
    volumes the variance of the logarithm counts. Each draw is the truth once: its measurement is simulated with the
    noise of the calibration and weighs all other draws. The noise of a truth is the same on every day.

    Parameters
    ----------
    calibration : Calibration
    candidates : sequence of Schedule
        Doses from the start on, among which is chosen. Scans until the first day on which they differ inform the
        choice; doses before that day are given whatever is chosen.
    objective : Objective or str
        As `rank_schedules`.
    constraints : sequence of Constraint
        Candidates that break one are left out, which is said in `warnings`.
    schedule : Schedule, optional
        Doses planned from the start on, where there are no candidates; those of the calibration if None.
    given : Schedule, optional
        Doses of the past; the calibration's if None.
    days : sequence of float, optional
        Days on which an examination could be; up to 20 between the last visit and the horizon, or the first day on
        which candidates differ, if None.
    until_day : float, optional
        Last of these days, where none are given: when the answer must be known.
    quantities : sequence of str, optional
        Names of `scans.KINDS`, joined by `+` for one visit; all that the model has states for if None.
    start_day : float, optional
        First day judged; the last visit if None.
    horizon_day : float, optional
        42 days after the start if None.
    level_cm3, penalties, half_given
        As `rank_schedules`.
    draws : int
        Of the posterior; no more than a sampler returned.
    seed : int
    report : Report, optional

    Returns
    -------
    NextScan

    Raises
    ------
    InputError
        As `rank_schedules`; days that an examination cannot be on, unknown examinations, too few draws.
    Cancelled
        From `report`.
    """
    checked("draws", draws, MOST["draws"], least=LEAST_DRAWS)
    asked = question(
        calibration,
        candidates,
        objective,
        constraints,
        schedule=schedule,
        given=given,
        days=days,
        until_day=until_day,
        quantities=quantities,
        start_day=start_day,
        horizon_day=horizon_day,
        level_cm3=level_cm3,
        half_given=half_given,
    )
    most = draws if calibration.samples is None else min(draws, len(calibration.samples))
    tell(report, 0.0, f"Following {most} draws")
    value, states = _followed(calibration, asked, most, seed, part(report, 0.0, 0.3))
    whole = np.isfinite(value).all(axis=0) & np.isfinite(states).all(axis=(0, 2))
    kept, pool = _pool(calibration, most, seed, whole)
    added = penalties.added(asked.plans) if penalties and asked.is_choice else np.zeros(len(asked.plans))
    answer, among = _answer(asked, pool, value[:, kept], added)
    found = list(_gains(calibration, asked, pool, answer, states[:, kept], seed, part(report, 0.3, 1.0)))
    made = _result(
        calibration, asked, answer, among, value[:, kept] @ pool.share, np.median(states[:, kept, 0], axis=1), found
    )
    failed = int((~whole).sum())
    notes = _warnings(asked, made, draws=draws, most=most, failed=failed)
    return replace(made, draws=most, distinct=pool.n, n_failed=failed, warnings=(*notes, *calibration.warnings))


def _followed(
    calibration: Calibration, asked: Question, draws: int, seed: int, report: Report | None
) -> tuple[np.ndarray, np.ndarray]:
    """The judged number under every plan (plans, draws), and every measured state (states, draws, days)."""
    span = (asked.start, asked.horizon)
    value = outcomes(calibration, asked.plans, asked.goal, asked.past, span, draws, seed, part(report, 0.0, 0.7))
    day = np.union1d(asked.days, [calibration.first_day])
    shared = asked.plans[0].before(asked.days[-1])  # no plan differs from another before the last day
    states, _ = simulate_schedules(
        calibration.model,
        calibration.draws(draws, seed),
        day,
        [asked.past + shared],
        keep=tuple(calibration.model.observables),
        tolerance=TOLERANCE,
        report=part(report, 0.7, 1.0),
    )
    return value, states[:, 0][..., np.searchsorted(day, asked.days)]


def _pool(calibration: Calibration, draws: int, seed: int, whole: np.ndarray) -> tuple[np.ndarray, Pool]:
    """The first of each of the equal draws that could be followed, and all as a pool.

    A sampler may return a draw several times. A copy would give a truth away, as the truth itself does.
    """
    kept = np.flatnonzero(whole)
    count = np.ones(kept.size)
    if calibration.samples is not None:
        drawn = calibration.draws(draws, seed)
        points = np.column_stack([drawn[name] for name in calibration.free])[kept]
        _, first, count = np.unique(points, axis=0, return_index=True, return_counts=True)
        order = np.argsort(first)
        kept, count = kept[first[order]], count[order]
    if kept.size < LEAST_DRAWS:
        raise InputError(
            f"Only {kept.size} different draws could be followed, fewer than {LEAST_DRAWS}: too few to foresee what a "
            "scan would teach; ask for more draws, or sample longer."
        )
    return kept, Pool(count / count.sum())


def _answer(asked: Question, pool: Pool, value: np.ndarray, added: np.ndarray) -> tuple[Number | Choice, list[int]]:
    """What is to be sharpened, and the plans it is about."""
    if not asked.is_choice:
        is_volume = asked.goal.unit == "cm3"
        scale = np.log(np.maximum(value[0], SMALLEST_CM3)) if is_volume else value[0]
        return Number(pool, scale, value[0]), [0]
    loss = asked.goal.loss(value) + added[:, None]
    among = _contenders(pool, loss)
    return Choice(pool, loss[among]), among.tolist()


def _contenders(pool: Pool, loss: np.ndarray) -> np.ndarray:
    """The schedules that may be chosen, in their order: those best on average, and those best in most draws."""
    if len(loss) <= MOST_CONTENDERS:
        return np.arange(len(loss))
    on_average = np.argsort(loss @ pool.share, kind="stable")
    in_most = np.argsort(-((loss == loss.min(axis=0)) @ pool.share), kind="stable")
    both = dict.fromkeys(np.stack([on_average, in_most], axis=1).ravel().tolist())
    return np.sort(list(both)[:MOST_CONTENDERS])


def _gains(
    calibration: Calibration,
    asked: Question,
    pool: Pool,
    answer: Number | Choice,
    states: np.ndarray,
    seed: int,
    report: Report | None,
) -> Iterator[tuple[float, Scan, Gain]]:
    """What every examination is worth, day by day."""
    noise = noise_of_scans(calibration)
    rng = np.random.default_rng([seed, _NOISE_STREAM])
    deviation = {column: each.noise.deviates(rng, pool.truths) for column, each in noise.items()}
    bundles = [scan.columns for scan in asked.scans]
    for i, day in enumerate(asked.days.tolist()):
        tell(report, i / asked.days.size, f"Weighing {pool.n} draws by scans on day {day:g}")
        foreseen = {
            column: each.foreseen(states[row, :, i], pool, deviation[column])
            for row, (column, each) in enumerate(noise.items())
        }
        for scan, found in zip(asked.scans, learned(pool, answer.rows, foreseen, bundles, answer.order), strict=True):
            yield day, scan, answer.gain(found)
    tell(report, 1.0, "Scans compared")


def _result(
    calibration: Calibration,
    asked: Question,
    answer: Number | Choice,
    among: Sequence[int],
    expected: np.ndarray,
    middle: np.ndarray,
    found: Sequence[tuple[float, Scan, Gain]],
) -> NextScan:
    """All but how many draws there were, and the warnings.

    `expected` of every plan (plans,), `middle` of every measured state on the first day (states,).
    """
    noise = noise_of_scans(calibration)
    found = sorted(found, key=lambda each: asked.scans.index(each[1]))  # days stay in order
    rows = tuple(_row(*each) for each in found)
    is_choice = isinstance(answer, Choice)
    chosen = among[answer.chosen] if is_choice else 0
    return NextScan(
        objective=asked.goal,
        schedules=tuple(asked.plans[i].name for i in among),
        rows=rows,
        before=answer.before,
        interval=None if is_choice else (answer.lower, answer.upper),
        middle=float(expected[chosen]) if is_choice else answer.middle,
        chosen=asked.plans[chosen].name,
        perfect=answer.perfect.value if is_choice else None,
        equal=_equal(rows, [gain for _, _, gain in found]),
        start_day=asked.start,
        horizon_day=asked.horizon,
        last_day=calibration.last_day,
        noise={column: float(each.sd(middle[i : i + 1])[0]) for i, (column, each) in enumerate(noise.items())},
        noise_kind=calibration.scatter.kind,
    )


def _row(day: float, scan: Scan, gain: Gain) -> ScanGain:
    worth = (None, None) if gain.worth is None else (gain.worth.value, gain.worth.error)
    return ScanGain(day, scan, gain.share.value, gain.share.error, gain.after, *worth, gain.effective)


def _equal(rows: Sequence[ScanGain], gains: Sequence[Gain]) -> tuple[ScanGain, ...]:
    """The best row and those that are not told apart from it: their difference is within its own error."""
    best = gains[rows.index(best_of(rows))].share
    apart = [best.less(gain.share) for gain in gains]
    return tuple(
        row for row, less in zip(rows, apart, strict=True) if less.value <= max(SAME_GAIN, TOLD_APART * less.error)
    )


def _warnings(asked: Question, made: NextScan, *, draws: int, most: int, failed: int) -> Iterator[str]:
    yield from asked.warnings
    if failed:
        yield f"{failed} of {most} posterior draws could not be simulated and are left out."
    if most < draws:
        yield f"The calibration has {most} draws, which are all used."
    if len(made.schedules) < len(asked.plans):
        yield f"Of {len(asked.plans)} schedules the {len(made.schedules)} that are most often the best are chosen from."
    few = [row for row in made.rows if not row.is_trusted]
    if few:
        least = min(row.effective for row in few)
        yield (
            f"{len(few)} of {len(made.rows)} scans are so precise that fewer than {LEAST_EFFECTIVE:g} draws agree with "
            f"what they would measure ({least:.1f} at worst): their gains are uncertain; ask for more draws."
        )
