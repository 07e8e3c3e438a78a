"""Progress is told a few times a second, and the time left truly."""

import re
from itertools import pairwise

import pytest
from HER2ImmunoCommonLib.progress import Cancelled, TimeLeft, paced, time_left


class Clock:
    """Seconds that pass when told to."""

    now = 100.0

    def __call__(self):
        return self.now


def told_by(work_s, steps, clock):
    """(seconds since the start, text) of what is passed on by steady work that reports at each of its steps."""
    told, start = [], clock.now
    report = paced(lambda fraction, text: told.append((clock.now - start, text)), clock)
    for step in range(steps):
        clock.now = start + work_s * step / steps
        report(step / steps, "Reading")
    return told


def test_thousands_of_reports_are_passed_on_four_times_a_second():
    told = told_by(60.0, 12_000, Clock())
    assert 235 <= len(told) <= 241
    assert told[0] == (0.0, "Reading (0%)")


def test_the_time_left_is_true_for_steady_work():
    for passed_s, text in told_by(60.0, 12_000, Clock()):
        left = re.search(r"about (\d+) s left", text)
        if left:
            assert int(left[1]) == pytest.approx(60.0 - passed_s, abs=3.0)
        else:
            assert passed_s < 2.0 or passed_s > 54.0 or "min left" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "a few seconds"), (7.0, "about 5 s"), (33.0, "about 35 s"), (58.0, "about 1 min"), (200.0, "about 3 min")],
)
def test_times_left_in_words(seconds, words):
    assert time_left(seconds) == f"{words} left"


def test_cancelling_passes_through():
    def cancel(fraction, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        paced(cancel)(0.0, "Reading")


def forecasts(fraction_at, until_s, step_s=0.25):
    """(seconds since the start, seconds left) as forecast while a fraction of the work is done at each moment."""
    clock = Clock()
    start, left = clock.now, TimeLeft(clock)
    found = []
    for n in range(1, int(until_s / step_s)):
        clock.now = start + n * step_s
        found.append((n * step_s, left.seconds(fraction_at(n * step_s))))
    return found


def test_the_forecast_of_steady_work_is_true_and_counts_down():
    found = forecasts(lambda t: t / 60.0, 60.0)
    assert [left for passed, left in found if passed < 3.0] == [None] * 11
    for passed, left in found[11:]:
        assert left == pytest.approx(60.0 - passed, abs=0.01)


def test_nothing_is_forecast_before_a_twentieth_is_done():
    found = forecasts(lambda t: t / 1000.0, 60.0)
    assert all(left is None for passed, left in found if passed < 50.0)
    assert found[-1][1] == pytest.approx(1000.0 - 60.0, rel=0.01)


def test_work_that_becomes_slower_is_forecast_anew_within_a_minute():
    found = forecasts(lambda t: t / 100.0 if t < 50.0 else 0.5 + (t - 50.0) / 400.0, 200.0)
    truth = [(left, 250.0 - passed) for passed, left in found if passed > 100.0]
    assert all(left == pytest.approx(true, rel=0.2) for left, true in truth)


def test_a_forecast_does_not_jump_about_with_uneven_reports():
    found = [left for _, left in forecasts(lambda t: (t // 2.0) * 2.0 / 100.0, 80.0, 0.5) if left is not None]
    assert len(found) > 100
    assert max(after - before for before, after in pairwise(found)) < 10.0
    assert sum(after > before for before, after in pairwise(found)) <= 5


def test_work_that_stands_still_or_begins_anew_is_not_forecast():
    clock = Clock()
    left = TimeLeft(clock)
    clock.now += 0.1
    assert left.seconds(0.5) is None
    clock.now += 100.0
    assert left.seconds(0.5) is None
    clock.now += 5.0
    assert left.seconds(0.1) is None
    clock.now += 10.0
    assert left.seconds(0.5) == pytest.approx(12.5)


def test_the_forecast_in_words():
    clock = Clock()
    left = TimeLeft(clock)
    assert left.said(0.0) == ""
    clock.now += 10.0
    assert left.said(0.4) == "about 15 s left"
    assert left.said(1.0) == ""
